// An app with a pipeline of its own and no preload: instrumentation and exporter go where such things go.
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { LangfuseSpanExporter } from 'otel-langfuse/exporter';
import { LlmInstrumentation } from 'otel-langfuse/instrumentation';
import { call } from './call.mjs';

const original = globalThis.fetch;
const instrumentation = new LlmInstrumentation();
const sdk = new NodeSDK({
  instrumentations: [instrumentation],
  spanProcessors: [new BatchSpanProcessor({ exporter: new LangfuseSpanExporter() })],
});
sdk.start();
await call();
instrumentation.disable();
await call();
console.log(JSON.stringify({ restored: globalThis.fetch === original }));
await sdk.shutdown();
