import { call, stream } from './call.mjs';

await call();
await stream();
// A call that is still under way when the process ends.
void call();
if (process.argv[2] === 'throw') throw new Error('uncaught');
process.exit(3);
