/** Seconds and nanoseconds since the Unix epoch, as OpenTelemetry has them. */
export type HrTime = readonly [seconds: number, nanoseconds: number];

/** Attributes as found: instrumentations are not trusted to follow the types. */
export type SpanAttributes = Readonly<Record<string, unknown>>;

export interface SpanEventView {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes: SpanAttributes;
}

interface SpanLinkView {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: SpanAttributes;
}

/** An ended span, independent of the SDK and the version that made it. */
export interface SpanView {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  /** Whether the parent is a span of another process. */
  readonly parentIsRemote: boolean;
  readonly name: string;
  /** `SpanKind` of the OpenTelemetry API: 0 internal, 1 server, 2 client, 3 producer, 4 consumer. */
  readonly kind: number;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  /** `SpanStatusCode` of the OpenTelemetry API: 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: SpanAttributes;
  readonly events: readonly SpanEventView[];
  readonly links: readonly SpanLinkView[];
  readonly scope: { readonly name: string; readonly version?: string };
  readonly resource: SpanAttributes;
}

/** What a mask is told that the message of a status is: it is no attribute. */
export const STATUS_MESSAGE = 'status.message';
