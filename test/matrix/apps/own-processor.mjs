// An app with an SDK of its own, and no preload, that takes our processor.
import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { LlmInstrumentation, LlmSpanProcessor } from 'otel-langfuse';
import { call, stream } from '../../apps/call.mjs';

const sdk = new NodeSDK({ instrumentations: [new LlmInstrumentation()], spanProcessors: [new LlmSpanProcessor()] });
sdk.start();
await trace.getTracer('app').startActiveSpan('request', async (span) => {
  await call();
  await stream();
  span.end();
});
await sdk.shutdown();
