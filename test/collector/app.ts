import { type Attributes, context, type Span, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resources } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

interface SpanOptions {
  name: string;
  kind?: SpanKind;
  attributes?: Attributes;
  below?: Span;
  scope?: string;
}

/** An app with the OpenTelemetry SDK that sends its spans to a Collector. */
export class App {
  readonly #provider: TracerProvider;

  constructor(collectorUrl: string, service: string = 'app') {
    const exporter = new OTLPTraceExporter({ url: `${collectorUrl}/v1/traces` });
    this.#provider = new TracerProvider({
      resource: resources.resourceFromAttributes({ 'service.name': service }),
      spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: 100_000 })],
    });
  }

  start({ name, kind = SpanKind.INTERNAL, attributes = {}, below, scope = 'app' }: SpanOptions): Span {
    const parent = below ? trace.setSpan(context.active(), below) : context.active();
    return this.#provider.getTracer(scope).startSpan(name, { kind, attributes, root: !below }, parent);
  }

  /** A span without anything below it. */
  span(options: SpanOptions): void {
    this.start(options).end();
  }

  /** Resolves when the Collector has taken everything. */
  async flush(): Promise<void> {
    await this.#provider.forceFlush();
  }
}

/** A call of gpt-4o-mini, as the GenAI conventions have it. */
export function call(input = 1000, output = 100): Attributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
  };
}
