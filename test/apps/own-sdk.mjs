// An app that starts an SDK of its own, as most do, after the preload.
import { trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { call } from './call.mjs';

const exporter = new InMemorySpanExporter();
const sdk = new NodeSDK({ spanProcessors: [new SimpleSpanProcessor({ exporter })], instrumentations: [] });
sdk.start();
await trace.getTracer('app').startActiveSpan('request', async (span) => {
  await call();
  span.end();
});
// However long the SDK takes to detect what it runs on: it holds spans back until then.
await trace.getTracerProvider().getDelegate().forceFlush();
const spans = exporter.getFinishedSpans().map((span) => ({ name: span.name, id: span.spanContext().spanId }));
console.log(JSON.stringify(spans));
await sdk.shutdown();
