// A pipeline as the SDK 2.x has it under its former names, where a processor takes the exporter itself.
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { LangfuseSpanExporter } from 'otel-langfuse/exporter';
import { LlmInstrumentation } from 'otel-langfuse/instrumentation';
import { call, stream } from '../../apps/call.mjs';

const processor = new BatchSpanProcessor(new LangfuseSpanExporter(), { scheduledDelayMillis: 100 });
const sdk = new NodeSDK({ instrumentations: [new LlmInstrumentation()], spanProcessors: [processor] });
sdk.start();
await call();
await stream();
await sdk.shutdown();
