import { register } from 'otel-langfuse';
import { call } from './call.mjs';

const registration = register();
await call();
if (process.argv[2] !== 'shutdown') console.log(await registration.forceFlush());
await registration.shutdown();
// Not what a timer or a socket of ours would have kept.
process.exit();
