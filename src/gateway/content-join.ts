import { dialectOf } from '../dialect/dialects.ts';
import { scopeNameOf } from '../exporter/readable-span.ts';
import type { SpanEventView } from '../model/span.ts';
import { RecentStore } from '../util/recent-store.ts';
import type { LogEvent } from './log-events.ts';
import type { ReceivedSpan } from './received-span.ts';
import { sizeOfSpan, sizeOfValue } from './span-size.ts';

/** Spans and events wait for each other within these bounds; SDKs export each kind every few seconds. */
const LIMITS = { maxBytes: 32 * 1024 * 1024, maxAgeMs: 60_000 };
/** A span that is larger has its content on it. */
const MAX_SPAN_BYTES = 16 * 1024;

/** A span that went to a project. */
export interface SentSpan {
  span: ReceivedSpan;
  project: string;
}

/**
 * Joins what was said in a model call, where that comes as log records, to the span of the call, whichever is first. A
 * span goes at once and, when its content comes later, goes again with it: Langfuse takes the later for the earlier.
 */
export class ContentJoin {
  readonly #events = new RecentStore<SpanEventView[]>(LIMITS);
  readonly #spans = new RecentStore<SentSpan>(LIMITS);

  /** The span with the events that were waiting for it. */
  withEvents(sent: SentSpan): ReceivedSpan {
    const { span } = sent;
    const { traceId, spanId } = span.spanContext();
    const events = this.#events.take(traceId + spanId);
    const joined = events ? span.withEvents(events) : span;
    this.#remember({ ...sent, span: joined });
    return joined;
  }

  /** The spans that are to go again, each with its events. Other events wait for theirs. */
  spansOf(logEvents: readonly LogEvent[]): SentSpan[] {
    const bySpan = new Map<string, SpanEventView[]>();
    for (const { traceId, spanId, event } of logEvents) {
      const events = bySpan.get(traceId + spanId) ?? [];
      bySpan.set(traceId + spanId, events);
      events.push(event);
    }
    return Array.from(bySpan).flatMap(([key, events]) => {
      const known = this.#spans.get(key);
      if (!known) return this.#wait(key, events);
      const joined = { ...known, span: known.span.withEvents(events) };
      this.#remember(joined);
      return [joined];
    });
  }

  #wait(key: string, events: readonly SpanEventView[]): [] {
    const all = [...(this.#events.get(key) ?? []), ...events];
    this.#events.set(
      key,
      all,
      all.reduce((sum, { attributes }) => sum + sizeOfValue(attributes), 0),
    );
    return [];
  }

  #remember(sent: SentSpan): void {
    const { span } = sent;
    if (!dialectOf(span.attributes, scopeNameOf(span))) return;
    const bytes = sizeOfSpan(span);
    const { traceId, spanId } = span.spanContext();
    if (bytes <= MAX_SPAN_BYTES) this.#spans.set(traceId + spanId, sent, bytes);
  }
}
