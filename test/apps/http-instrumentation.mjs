// Where something listens to undici's requests, as @opentelemetry/instrumentation-undici does, our span is their parent.
import { subscribe } from 'node:diagnostics_channel';
import { trace } from '@opentelemetry/api';
import { call } from './call.mjs';

const parents = [];
subscribe('undici:client:sendHeaders', () => {});
subscribe('undici:request:create', () => parents.push(trace.getActiveSpan()?.spanContext().spanId));
await call();
console.log(JSON.stringify(parents));
