import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import { type LlmContext, withLlmContext } from '../context/llm-context.ts';
import { defined } from '../util/json-read.ts';

/** Headers that say whose a call is. None of them reaches a provider. */
const TEXTS = {
  userId: 'x-langfuse-user-id',
  sessionId: 'x-langfuse-session-id',
  traceName: 'x-langfuse-trace-name',
  feature: 'x-langfuse-feature',
  version: 'x-langfuse-version',
} as const satisfies Partial<Record<keyof LlmContext, string>>;
const TAGS = 'x-langfuse-tags';
const METADATA_PREFIX = 'x-langfuse-metadata-';

/** Runs `fn` as what the sender of these headers does: below their span, and with their values for Langfuse. */
export function onBehalfOf<T>(headers: IncomingHttpHeaders, fn: () => T): T {
  return context.with(parentOf(headers), () => withLlmContext(valuesOf(headers), fn));
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-|$)/;

function parentOf({ traceparent, tracestate }: IncomingHttpHeaders): Context {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(String(traceparent ?? '')) ?? [];
  const parent: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(String(tracestate)) }),
  };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

function valuesOf(headers: IncomingHttpHeaders): LlmContext {
  const texts = Object.entries(TEXTS).map(([field, header]) => [field, textOf(headers[header])]);
  const tags = textOf(headers[TAGS])
    ?.split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  const metadata = Object.entries(headers)
    .filter(([header]) => header.startsWith(METADATA_PREFIX))
    .map(([header, value]) => [header.slice(METADATA_PREFIX.length), textOf(value) ?? '']);
  return defined({
    ...Object.fromEntries(texts),
    tags: tags?.length ? tags : undefined,
    metadata: metadata.length > 0 ? Object.fromEntries(metadata) : undefined,
  });
}

/** Headers are read as Latin-1, but what clients send that is not ASCII is UTF-8. */
function textOf(value: string | string[] | undefined): string | undefined {
  if (!value) return undefined;
  const bytes = Buffer.from(String(value), 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : String(value);
}
