import { type Context, context, type Span, SpanKind, trace, type TracerProvider } from '@opentelemetry/api';
import { llmContextAttributes, llmContextOf } from '../context/llm-context.ts';
import type { Protocol } from '../protocol/protocol.ts';
import { inferProvider } from '../protocol/provider.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { isUntraced } from '../util/untraced.ts';
import { withinAgentRun } from './agent-run.ts';
import type { RequestUrl } from './exchange.ts';
import { SCOPE } from './scope.ts';

/** Operations whose span is the span of one call to a model. */
const CALL_OPERATIONS = new Set(['chat', 'text_completion', 'generate_content', 'embeddings', 'rerank']);

/** The span of an exchange, and the context under which an HTTP instrumentation should see the request. */
export interface StartedSpan {
  span: Span;
  tagged: boolean;
  context: Context;
}

/**
 * The span for a call that is about to be made: the active one if it already is this call's span, made by another
 * instrumentation or by the client itself, else a new one. `undefined` where tracing is suppressed.
 */
export function startSpan(
  protocol: Protocol,
  url: RequestUrl,
  provider: TracerProvider = trace.getTracerProvider(),
): StartedSpan | undefined {
  const active = context.active();
  if (isUntraced(active)) return undefined;
  const current = trace.getSpan(active);
  if (current && isCallSpan(current)) return { span: current, tagged: true, context: active };
  const parent = withinAgentRun(active);
  const values = llmContextOf(active);
  const span = provider.getTracer(SCOPE.name, SCOPE.version).startSpan(
    protocol.operation,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        [GEN_AI.operation]: protocol.operation,
        [GEN_AI.provider]: inferProvider(url.host, url.path, protocol),
        ...(values && llmContextAttributes(values)),
      },
    },
    parent,
  );
  return { span, tagged: false, context: trace.setSpan(parent, span) };
}

/** Whether a span is recording one call to a model. SDK spans expose their attributes; others are left alone. */
function isCallSpan(span: Span): boolean {
  if (!span.isRecording()) return false;
  const { attributes } = span as Span & { attributes?: Record<string, unknown> };
  return CALL_OPERATIONS.has(String(attributes?.[GEN_AI.operation]));
}
