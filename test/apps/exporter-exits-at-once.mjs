// An app whose own pipeline exports each span as it ends, and which ends without waiting for anybody.
import { SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { LangfuseSpanExporter } from 'otel-langfuse/exporter';
import { LlmInstrumentation } from 'otel-langfuse/instrumentation';
import { call } from './call.mjs';

new NodeSDK({
  // As long as a resource is being detected, a processor holds its spans back.
  autoDetectResources: false,
  instrumentations: [new LlmInstrumentation()],
  spanProcessors: [new SimpleSpanProcessor({ exporter: new LangfuseSpanExporter() })],
}).start();
await call();
process.exit(3);
