// What is registered with the OpenTelemetry API, before and after a call: an app's own copy of it must find its places free.
import { call } from './call.mjs';

const registered = () => globalThis[Symbol.for('opentelemetry.js.api.1')] ?? null;
const before = registered();
await call();
console.log(JSON.stringify([before, registered()]));
