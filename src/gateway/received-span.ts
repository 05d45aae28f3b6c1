import type { ReadableSpanLike } from '../exporter/readable-span.ts';
import type { HrTime, SpanAttributes, SpanEventView } from '../model/span.ts';
import type { ScopeFields, SpanFields, TracesRequest } from './otlp-schema.ts';
import { sizeOfValue } from './value-size.ts';

/** What a request has for us. */
export interface ReceivedSpans {
  spans: ReceivedSpan[];
  /** Of each span that has no place in any trace: which one it was and why, for people. */
  rejected: string[];
}

/** Names and facts a client chose, in the answer to it. */
const MAX_NAME = 60;

/** Every span of a request that can be sent on. */
export function toReceivedSpans({ resourceSpans = [] }: TracesRequest): ReceivedSpans {
  const received: ReceivedSpans = { spans: [], rejected: [] };
  let number = 0;
  for (const { resource, scopeSpans = [] } of resourceSpans) {
    for (const { scope = {}, spans = [] } of scopeSpans) {
      const common = { scope, resource: resource?.attributes ?? {} };
      const shared = { ...common, bytes: sizeOfValue(common), among: spans.length };
      for (const fields of spans) {
        number++;
        const fault = faultOf(fields);
        if (fault === undefined) received.spans.push(new ReceivedSpan(fields, shared));
        else
          received.rejected.push(
            `span ${number} (${JSON.stringify((fields.name ?? '').slice(0, MAX_NAME))}): ${fault}`,
          );
      }
    }
  }
  return received;
}

/** An id of only zeros is none. */
const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0+$)[0-9a-f]{16}$/;

function faultOf({ traceId = '', spanId = '' }: SpanFields): string | undefined {
  if (!TRACE_ID.test(traceId)) return 'its trace id is not 16 bytes, or zero';
  if (!SPAN_ID.test(spanId)) return 'its span id is not 8 bytes, or zero';
  return undefined;
}

/** A time that nobody said: the span is repaired where it is written. */
const UNKNOWN_TIME: HrTime = [Number.NaN, Number.NaN];
/** Bits of `Span.flags`. The lower ones, whether it is sampled, are left: what is not sampled is not exported. */
const HAS_IS_REMOTE = 0x100;
const IS_REMOTE = 0x200;

/** What a span has in common with others that came with it. */
interface SharedFields {
  scope: ScopeFields;
  resource: SpanAttributes;
  /** About how much memory this takes. */
  bytes: number;
  /** So many spans. */
  among: number;
}

/** Objects of a span beside its fields. */
const SPAN_BYTES = 800;

/** A span that came over the wire, in the shape of one that the SDK of this process ended. */
export class ReceivedSpan implements ReadableSpanLike {
  readonly name: string;
  readonly kind: number;
  readonly parentSpanContext: ReadableSpanLike['parentSpanContext'];
  readonly parentSpanId: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: ReadableSpanLike['status'];
  readonly attributes: SpanAttributes;
  readonly events: ReadableSpanLike['events'];
  readonly links: ReadableSpanLike['links'];
  readonly resource: ReadableSpanLike['resource'];
  readonly instrumentationScope: ReadableSpanLike['instrumentationScope'];
  readonly #context: ReturnType<ReadableSpanLike['spanContext']>;
  readonly #shared: SharedFields;
  readonly #fields: SpanFields;
  #ownBytes: number | undefined;

  constructor(fields: SpanFields, shared: SharedFields) {
    this.#fields = fields;
    this.#shared = shared;
    const { scope, resource } = shared;
    const { traceId = '', spanId = '', parentSpanId = '', kind = 0, flags = 0, status = {} } = fields;
    this.#context = { traceId, spanId, traceFlags: 1 };
    if (SPAN_ID.test(parentSpanId)) {
      this.parentSpanId = parentSpanId;
      if (flags & HAS_IS_REMOTE)
        this.parentSpanContext = { traceId, spanId: parentSpanId, isRemote: (flags & IS_REMOTE) !== 0 };
    }
    this.name = fields.name ?? '';
    // OTLP counts kinds from 1, with 0 for unspecified; the API from 0.
    this.kind = Math.max(0, kind - 1);
    this.startTime = fields.startTimeUnixNano ?? UNKNOWN_TIME;
    this.endTime = fields.endTimeUnixNano ?? UNKNOWN_TIME;
    this.status = { code: status.code ?? 0, message: status.message };
    this.attributes = fields.attributes ?? {};
    this.events = (fields.events ?? []).map(({ name = '', timeUnixNano = this.startTime, attributes = {} }) => ({
      name,
      time: timeUnixNano,
      attributes,
    }));
    this.links = (fields.links ?? []).map((link) => ({
      context: { traceId: link.traceId ?? '', spanId: link.spanId ?? '' },
      attributes: link.attributes ?? {},
    }));
    this.resource = { attributes: resource };
    this.instrumentationScope = { name: scope.name ?? '', version: scope.version };
  }

  spanContext(): ReturnType<ReadableSpanLike['spanContext']> {
    return this.#context;
  }

  /** About how much memory it takes, with its part of what it shares. */
  get bytes(): number {
    return SPAN_BYTES + this.#own() + this.#shared.bytes / this.#shared.among;
  }

  /** About how large its record is, which has all that it shares. */
  get recordBytes(): number {
    return this.#own() + this.#shared.bytes;
  }

  #own(): number {
    return (this.#ownBytes ??= sizeOfValue(this.#fields));
  }

  /** The same span with more events. */
  withEvents(more: readonly SpanEventView[]): ReceivedSpan {
    const added = more.map(({ name, time, attributes }) => ({ name, timeUnixNano: time, attributes }));
    const events = [...(this.#fields.events ?? []), ...added].toSorted((a, b) =>
      compareTimes(a.timeUnixNano, b.timeUnixNano),
    );
    return new ReceivedSpan({ ...this.#fields, events }, this.#shared);
  }
}

/** Which time is earlier, as a sort wants it; one that is not known is before all others. */
function compareTimes(a: HrTime = [0, 0], b: HrTime = [0, 0]): number {
  return a[0] - b[0] || a[1] - b[1] || 0;
}
