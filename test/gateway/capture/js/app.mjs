// One trace of a shop that asks a model, exported by the OpenTelemetry SDK 3.x for JavaScript.
//
//     node app.mjs ENDPOINT json|protobuf [gzip]
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const [endpoint, encoding, compression = 'none'] = process.argv.slice(2);
const Exporter = encoding === 'json' ? JsonExporter : ProtobufExporter;
const exporter = new Exporter({ url: `${endpoint}/v1/traces`, compression });
const provider = new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'js-shop' }),
  spanProcessors: [new BatchSpanProcessor({ exporter })],
});
const tracer = provider.getTracer('shop.instrumentation', '1.2.3');

const root = tracer.startSpan('GET /', { kind: SpanKind.SERVER });
const inRoot = trace.setSpan(context.active(), root);
const attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
  'gen_ai.request.temperature': 0.5,
  'gen_ai.request.stop_sequences': ['END', 'STOP'],
  'gen_ai.response.finish_reasons': ['stop'],
  'gen_ai.usage.input_tokens': 1000,
  'gen_ai.usage.output_tokens': 100,
  'shop.flag': true,
  'shop.name': 'Käse 🧀',
};
const links = [{ context: root.spanContext(), attributes: { why: 'test' } }];
const chat = tracer.startSpan('chat gpt-4o-mini', { kind: SpanKind.CLIENT, attributes, links }, inRoot);
chat.addEvent('retry', { attempt: 1 });
chat.end();
const db = tracer.startSpan('db', {}, inRoot);
db.setStatus({ code: SpanStatusCode.ERROR, message: 'no connection' });
db.end();
root.end();
await provider.shutdown();
