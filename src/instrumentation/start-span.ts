import { type Context, context, type Span, SpanKind, trace, type TracerProvider } from '@opentelemetry/api';
import { llmContextAttributes, llmContextOf } from '../context/llm-context.ts';
import type { Protocol } from '../protocol/protocol.ts';
import { inferProvider } from '../protocol/provider.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { defined } from '../util/json-read.ts';
import { withinAgentRun } from './agent-run.ts';
import type { RequestUrl } from './exchange.ts';
import { SCOPE } from './scope.ts';
import { settleBeforeEnd } from './settle-before-end.ts';

/**
 * A span of our own for a call, below the one that is active.
 * @param startTime where the call began before; as of `performance.now()`
 */
export function startSpan(
  protocol: Protocol,
  url: RequestUrl,
  provider: TracerProvider = trace.getTracerProvider(),
  active: Context = context.active(),
  startTime?: number,
): { span: Span; context: Context } {
  settleBeforeEnd(provider);
  const parent = withinAgentRun(active);
  const values = llmContextOf(active);
  const span = provider.getTracer(SCOPE.name, SCOPE.version).startSpan(
    protocol.operation,
    {
      kind: SpanKind.CLIENT,
      ...defined({ startTime }),
      attributes: {
        [GEN_AI.operation]: protocol.operation,
        [GEN_AI.provider]: inferProvider(url.host, url.path, protocol),
        ...(values && llmContextAttributes(values)),
      },
    },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}
