import type { SpanSelection } from '../config/config.ts';
import { dialectOf } from '../dialect/dialects.ts';
import { placeOf, type ReadableSpanLike, scopeNameOf } from '../exporter/readable-span.ts';
import type { PassedSpan, SelectedSpan } from '../exporter/select.ts';
import { RecentSet } from '../util/recent-set.ts';
import type { ReceivedSpan } from './received-span.ts';
import { RecentStore } from '../util/recent-store.ts';

/** Spans of any trace that may still turn out to lead to an LLM span: so many bytes, for so long. */
const WAITING = { maxBytes: 32 * 1024 * 1024, maxAgeMs: 60_000 };
/** Ids remembered of spans that went to Langfuse, and of parents that are to follow. */
const MAX_REMEMBERED = 200_000;

interface SelectedPathSpan extends SelectedSpan {
  span: ReceivedSpan;
}

/**
 * Decides which of many services' spans go to Langfuse, in whatever order and batches they arrive. An LLM span goes at
 * once, for its tokens must not wait. Any other span waits to see whether a span below it goes; then it goes too, so
 * that the way from the root of the trace to each LLM span is there. What waits in vain is forgotten: it has no tokens.
 */
export class PathSelector {
  readonly #selection: SpanSelection;
  readonly #waiting = new RecentStore<ReceivedSpan>(WAITING);
  readonly #selectedIds = new RecentSet(MAX_REMEMBERED);
  /** Parents of selected spans that have not come yet. */
  readonly #leadingIds = new RecentSet(MAX_REMEMBERED);

  constructor(selection: SpanSelection) {
    this.#selection = selection;
  }

  /**
   * Decides about these spans, and about those that waited for them. Passed is what does not go now, and may yet.
   */
  select(spans: readonly ReceivedSpan[]): { selected: SelectedPathSpan[]; passed: PassedSpan[] } {
    const chosen: ReceivedSpan[] = [];
    const passed: PassedSpan[] = [];
    for (const span of spans) {
      if (this.#isWanted(span)) this.#choose(span, chosen);
      else {
        passed.push(placeOf(span));
        if (this.#selection === 'llm-path') this.#waiting.set(keyOf(span), span, span.bytes);
      }
    }
    const selected = chosen.map((span) => ({
      span,
      dialect: dialectOfSpan(span),
      isTop: this.#isTop(span),
    }));
    return { selected, passed };
  }

  /** A span that went before the gateway was started anew. */
  restore(span: ReadableSpanLike): void {
    const { traceId, spanId, parentSpanId } = placeOf(span);
    this.#selectedIds.add(traceId + spanId);
    if (parentSpanId !== undefined) this.#leadingIds.add(traceId + parentSpanId);
  }

  #isWanted(span: ReceivedSpan): boolean {
    if (this.#selection === 'all' || dialectOfSpan(span)) return true;
    return this.#selection === 'llm-path' && this.#leadingIds.has(keyOf(span));
  }

  /** With the spans above it that are waiting. */
  #choose(span: ReceivedSpan, chosen: ReceivedSpan[]): void {
    for (let next: ReceivedSpan | undefined = span; next;) {
      chosen.push(next);
      this.#selectedIds.add(keyOf(next));
      const parent: string | undefined = parentKeyOf(next);
      if (parent === undefined || this.#selection !== 'llm-path') return;
      next = this.#waiting.take(parent);
      if (!next) this.#leadingIds.add(parent);
    }
  }

  /**
   * Whether Langfuse is to take the trace's name from it although it has a parent. One in another service may not be
   * known here, or come later: that one has no parent, and Langfuse goes by it then.
   */
  #isTop(span: ReceivedSpan): boolean {
    const parent = parentKeyOf(span);
    if (parent === undefined) return true;
    return (this.#selection === 'llm' || placeOf(span).parentIsRemote) && !this.#selectedIds.has(parent);
  }
}

function dialectOfSpan(span: ReceivedSpan): ReturnType<typeof dialectOf> {
  return dialectOf(span.attributes, scopeNameOf(span));
}

function keyOf(span: ReceivedSpan): string {
  const { traceId, spanId } = span.spanContext();
  return traceId + spanId;
}

function parentKeyOf(span: ReceivedSpan): string | undefined {
  return span.parentSpanId && span.spanContext().traceId + span.parentSpanId;
}
