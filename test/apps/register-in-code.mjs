import { register } from 'otel-langfuse';
import { call } from './call.mjs';

const original = globalThis.fetch;
const registration = register({ environment: 'staging', release: '7' });
const same = register() === registration;
await call();
await registration.forceFlush();
await registration.shutdown();
console.log(JSON.stringify({ same, restored: globalThis.fetch === original }));
