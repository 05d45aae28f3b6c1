import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { dialectOf } from '../dialect/dialects.ts';
import { scopeNameOf } from '../exporter/readable-span.ts';
import type { SpanEventView } from '../model/span.ts';
import { RecentStore } from '../util/recent-store.ts';
import type { LogEvent } from './log-events.ts';
import type { ReceivedSpan } from './received-span.ts';
import { sizeOfValue } from './value-size.ts';

/** Spans and events wait for each other within these bounds; SDKs export each kind every few seconds. */
const LIMITS = { maxBytes: 32 * 1024 * 1024, maxAgeMs: 60_000 };
/** A span that is larger has its content on it. */
const MAX_SPAN_BYTES = 16 * 1024;
/** An event beside its attributes. */
const EVENT_BYTES = 300;

/** Events of one span; each is there once, however often it came. */
interface Events {
  byDigest: Map<string, SpanEventView>;
  bytes: number;
}

/** A span that went to a project. */
export interface SentSpan {
  span: ReceivedSpan;
  project: string;
}

/**
 * Joins what was said in a model call, where that comes as log records, to the span of the call, whichever is first. A
 * span goes at once and, when its content comes later, goes again with it: Langfuse takes the later for the earlier. Both
 * are kept as they came, for either may be sent a second time.
 */
export class ContentJoin {
  readonly #events = new RecentStore<Events>(LIMITS);
  readonly #spans = new RecentStore<SentSpan>(LIMITS);

  /** The span with what is known to have been said in it. */
  withEvents(sent: SentSpan): ReceivedSpan {
    const { span } = sent;
    const { traceId, spanId } = span.spanContext();
    const mayLackContent = span.bytes <= MAX_SPAN_BYTES && dialectOf(span.attributes, scopeNameOf(span));
    if (!mayLackContent) return span;
    this.#spans.set(traceId + spanId, sent, span.bytes);
    return joined(span, this.#events.get(traceId + spanId));
  }

  /** The spans that are to go again, each with its events. Other events wait for theirs. */
  spansOf(logEvents: readonly LogEvent[]): SentSpan[] {
    for (const { traceId, spanId, event } of logEvents) this.#add(traceId + spanId, event);
    const keys = new Set(logEvents.map(({ traceId, spanId }) => traceId + spanId));
    return [...keys].flatMap((key) => {
      const sent = this.#spans.get(key);
      return sent ? [{ ...sent, span: joined(sent.span, this.#events.get(key)) }] : [];
    });
  }

  #add(key: string, event: SpanEventView): void {
    const { byDigest, bytes } = this.#events.get(key) ?? { byDigest: new Map<string, SpanEventView>(), bytes: 0 };
    const digest = createHash('sha256').update(serialize(event)).digest('base64');
    if (byDigest.has(digest)) return;
    byDigest.set(digest, event);
    const all = { byDigest, bytes: bytes + EVENT_BYTES + sizeOfValue(event.attributes) };
    this.#events.set(key, all, all.bytes);
  }
}

function joined(span: ReceivedSpan, events: Events | undefined): ReceivedSpan {
  return events ? span.withEvents([...events.byDigest.values()]) : span;
}
