import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { llmContextAttributes, llmContextOf } from '../context/llm-context.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Problem } from '../model/problem.ts';
import { inferProvider } from '../protocol/provider.ts';
import type { SessionProtocol, Turn } from '../protocol/session/session-protocol.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { spanName, spanStatus, toAttributes } from '../semconv/write.ts';
import { defined } from '../util/json-read.ts';
import { isUntraced } from '../util/untraced.ts';
import type { CaptureOptions } from './instrument.ts';
import { serverOf } from './read-exchange.ts';
import { SCOPE } from './scope.ts';
import { settleBeforeEnd } from './settle-before-end.ts';
import type { Session, SessionUrl } from './session.ts';

/** The operation of a session's own span, which has no usage: its turns have theirs. */
const SESSION_OPERATION = 'realtime_session';

/** The span of a connection, and the context for what happens over it. `undefined` where tracing is suppressed. */
export function startSession(
  protocol: SessionProtocol,
  url: SessionUrl,
  provider: TracerProvider = trace.getTracerProvider(),
): { span: Span; context: Context } | undefined {
  const active = context.active();
  if (isUntraced(active)) return undefined;
  const attributes = {
    [GEN_AI.operation]: SESSION_OPERATION,
    [GEN_AI.provider]: inferProvider(url.host, url.path, protocol),
    ...valuesOf(active),
  };
  settleBeforeEnd(provider);
  const tracer = provider.getTracer(SCOPE.name, SCOPE.version);
  const span = tracer.startSpan(SESSION_OPERATION, { kind: SpanKind.CLIENT, attributes }, active);
  return { span, context: trace.setSpan(active, span) };
}

/** The span of one turn, below its session's. It belongs to whom the app asked for, or else to whom the session does. */
export function writeTurn(
  session: Session,
  turn: Turn,
  { content, maxContentLength, mask }: CaptureOptions,
  provider: TracerProvider = trace.getTracerProvider(),
): void {
  const call = callOf(session, turn);
  const values = session.valuesOf(turn);
  const attributes = {
    ...(values ? llmContextAttributes(values) : valuesOf(session.context)),
    ...toAttributes(call, { captureContent: content, maxContentLength, ...(mask && { mask }) }),
  };
  const span = provider
    .getTracer(SCOPE.name, SCOPE.version)
    .startSpan(
      spanName(call),
      { kind: SpanKind.CLIENT, attributes, startTime: session.timeOf(turn.startedAt) },
      session.context,
    );
  if (call.error) span.setStatus(spanStatus(call, mask));
  span.end(session.timeOf(turn.endedAt));
}

/** Ends a session's own span. */
export function endSession(session: Session): void {
  const { span, url, protocol, reader, error, dropped } = session;
  const call: LlmCall = {
    operation: SESSION_OPERATION,
    provider: inferProvider(url.host, url.path, protocol),
    server: serverOf(url),
    ...defined({ requestModel: reader.model, conversationId: reader.conversationId, error }),
    parameters: {},
    problems: dropped > 0 ? [{ code: 'messages-dropped', message: `${dropped} messages could not be read.` }] : [],
  };
  span.updateName(spanName(call));
  span.setAttributes(toAttributes(call, { captureContent: false, maxContentLength: 0 }));
  if (error) span.setStatus(spanStatus(call));
  span.end(session.timeOf(session.endedAt));
}

function valuesOf(from: Context): Attributes | undefined {
  const values = llmContextOf(from);
  return values && llmContextAttributes(values);
}

function callOf({ url, protocol, reader }: Session, turn: Turn): LlmCall {
  const { operation, request, response, startedAt, firstChunkAt, isComplete } = turn;
  return {
    operation,
    provider: inferProvider(url.host, url.path, protocol),
    server: serverOf(url),
    ...defined({ conversationId: reader.conversationId }),
    ...request,
    ...response,
    ...(firstChunkAt !== undefined && { timeToFirstChunk: (firstChunkAt - startedAt) / 1000 }),
    problems: isComplete ? [] : [INCOMPLETE],
  };
}

const INCOMPLETE: Problem = {
  code: 'stream-incomplete',
  message: 'The session ended before the provider finished the turn; usage may be missing.',
};
