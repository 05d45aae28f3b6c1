// An app whose own pipeline goes to an OTLP backend of its own, with the preload beside it.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { call, stream } from './call.mjs';

const sdk = new NodeSDK({ traceExporter: new OTLPTraceExporter(), instrumentations: [] });
sdk.start();
await call();
await stream();
await sdk.shutdown();
