import type { Attributes, Span } from '@opentelemetry/api';

/**
 * Spans of the process that have started and not ended. Many instrumentations start a span for a call without making it
 * the active one (callbacks of a framework, wrappers of a client): only among these can it be found. Kept on the process,
 * not in this module, because an app may hold several copies of it (a bundle beside the preload).
 */
const KEY = Symbol.for('otel-langfuse.open-spans');
const registry = globalThis as { [KEY]?: Map<string, OpenSpan> };

/** Of more, the oldest are forgotten: what a call belongs to has just been started. */
const MAX_OPEN = 512;

/** A span of any OpenTelemetry JS SDK, with what of it can be read before it ends. */
export interface OpenSpan extends Span {
  readonly attributes?: Attributes;
  /** 2.x and later. */
  readonly instrumentationScope?: { readonly name: string };
  readonly parentSpanContext?: { readonly spanId: string };
  /** 1.x. */
  readonly instrumentationLibrary?: { readonly name: string };
  readonly parentSpanId?: string;
}

/** Kinds of spans that begin something and so are no call to a model: `SpanKind` internal and client. */
const KINDS: ReadonlySet<unknown> = new Set([0, 2]);

/** For each span as it starts. */
export function noteStart(span: object & { readonly kind?: number }): void {
  if (!KINDS.has(span.kind)) return;
  const open = (registry[KEY] ??= new Map());
  const started = span as OpenSpan;
  open.set(started.spanContext().spanId, started);
  if (open.size > MAX_OPEN) for (const [oldest] of open) return void open.delete(oldest);
}

/** For each span as it ends. */
export function noteEnd(spanId: string): void {
  registry[KEY]?.delete(spanId);
}

/** The span above, if it is one of these. */
export function openParentOf({ parentSpanContext, parentSpanId }: OpenSpan): OpenSpan | undefined {
  return registry[KEY]?.get(parentSpanContext?.spanId ?? parentSpanId ?? '');
}

/** Oldest first. */
export function openSpans(): Iterable<OpenSpan> {
  return registry[KEY]?.values() ?? [];
}
