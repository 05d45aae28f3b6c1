// An app that knows nothing of us and exports over OTLP: node exports-otlp.mjs json|protobuf none|gzip
import { context, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const [encoding, compression] = process.argv.slice(2);
const Exporter = encoding === 'json' ? JsonExporter : ProtobufExporter;
const exporter = new Exporter({ compression });
const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
const tracer = provider.getTracer('shop', '3');
const attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 100,
};
const root = tracer.startSpan('GET /', { kind: SpanKind.SERVER });
tracer.startSpan('chat', { kind: SpanKind.CLIENT, attributes }, trace.setSpan(context.active(), root)).end();
root.end();
await provider.shutdown();
