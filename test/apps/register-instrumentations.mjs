import http from 'node:http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { LlmInstrumentation, LlmSpanProcessor } from 'otel-langfuse';
import { call } from './call.mjs';

const originals = [globalThis.fetch, http.request, http.get];
const provider = new TracerProvider({ spanProcessors: [new LlmSpanProcessor()] });
const unload = registerInstrumentations({ instrumentations: [new LlmInstrumentation()], tracerProvider: provider });
const patched = globalThis.fetch !== originals[0] && http.request !== originals[1];
await call();
unload();
const restored = [globalThis.fetch, http.request, http.get].every((now, index) => now === originals[index]);
console.log(JSON.stringify({ patched, restored }));
await provider.shutdown();
