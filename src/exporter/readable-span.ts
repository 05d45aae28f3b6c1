import type { HrTime, SpanAttributes, SpanView } from '../model/span.ts';

interface SpanContextLike {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags?: number;
  readonly isRemote?: boolean | undefined;
}

interface ScopeLike {
  readonly name: string;
  readonly version?: string | undefined;
}

/** An ended span of any OpenTelemetry JS SDK: 1.x, 2.x or 3.x. */
export interface ReadableSpanLike {
  readonly name: string;
  readonly kind: number;
  readonly spanContext: () => SpanContextLike;
  /** 2.x and later. */
  readonly parentSpanContext?: SpanContextLike | undefined;
  /** 1.x. */
  readonly parentSpanId?: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: SpanAttributes;
  readonly events: readonly {
    readonly name: string;
    readonly time: HrTime;
    readonly attributes?: SpanAttributes | undefined;
  }[];
  readonly links: readonly { readonly context: SpanContextLike; readonly attributes?: SpanAttributes | undefined }[];
  readonly resource: { readonly attributes: SpanAttributes };
  /** 2.x and later. */
  readonly instrumentationScope?: ScopeLike | undefined;
  /** 1.x. */
  readonly instrumentationLibrary?: ScopeLike | undefined;
}

/** Where a span is in its trace. */
export interface SpanPlace {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** Whether the parent is a span of another process. */
  parentIsRemote: boolean;
  sampled: boolean;
}

/** The kinds of spans that begin a process' part of a trace. */
const SERVER = 1;
const CONSUMER = 4;

export function placeOf(
  span: Pick<ReadableSpanLike, 'spanContext' | 'parentSpanContext' | 'parentSpanId' | 'kind'>,
): SpanPlace {
  const { traceId, spanId, traceFlags = 1 } = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId ?? span.parentSpanId;
  return {
    traceId,
    spanId,
    ...(parentSpanId && { parentSpanId }),
    parentIsRemote: span.parentSpanContext?.isRemote ?? (span.kind === SERVER || span.kind === CONSUMER),
    sampled: (traceFlags & 1) === 1,
  };
}

/** The name of the instrumentation that made a span; empty where the SDK does not say. */
export function scopeNameOf(span: Pick<ReadableSpanLike, 'instrumentationScope' | 'instrumentationLibrary'>): string {
  return (span.instrumentationScope ?? span.instrumentationLibrary)?.name ?? '';
}

export function toSpanView(span: ReadableSpanLike): SpanView {
  const { traceId, spanId, parentSpanId, parentIsRemote } = placeOf(span);
  const scope = span.instrumentationScope ?? span.instrumentationLibrary;
  const { code, message } = span.status;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    parentIsRemote,
    name: span.name,
    kind: span.kind,
    startTime: span.startTime,
    endTime: span.endTime,
    status: { code, ...(message !== undefined && { message }) },
    attributes: span.attributes,
    events: span.events.map(({ name, time, attributes = {} }) => ({ name, time, attributes })),
    links: span.links.map(({ context, attributes = {} }) => ({
      traceId: context.traceId,
      spanId: context.spanId,
      attributes,
    })),
    scope: { name: scope?.name ?? '', ...(scope?.version !== undefined && { version: scope.version }) },
    resource: span.resource.attributes,
  };
}
