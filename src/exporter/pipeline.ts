import type { UsageDetails } from '../model/usage.ts';
import {
  DEFAULT_LIMITS as LEDGER_LIMITS,
  type LedgerCounters,
  type LedgerEntry,
  type SpanId,
  UsageLedger,
} from '../usage/ledger.ts';
import type { TraceLimits } from '../usage/recent-traces.ts';
import { guard } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { RecentStore } from '../util/recent-store.ts';
import { isSilent, type ReadSpan, readSpan } from './read-span.ts';
import type { ReadableSpanLike } from './readable-span.ts';
import { type RecordSettings, RecordWriter } from './record-writer.ts';
import { toRestoredSpan } from './restored-span.ts';
import type { PassedSpan, SelectedSpan } from './select.ts';

export interface PipelineSettings extends RecordSettings {
  limits?: Partial<PipelineLimits>;
}

/** What is remembered of spans that went. */
export interface PipelineLimits extends TraceLimits {
  /**
   * Bytes of spans that are kept after they went, because spans below them may come later and leave them less usage of
   * their own: then they are sent again. A larger number corrects more; the sum is right with any. A span is taken to
   * be as big as its record: Latin text takes a quarter less, other text up to twice as much.
   */
  maxSentBytes: number;
}

const DEFAULT_LIMITS: PipelineLimits = { ...LEDGER_LIMITS, maxSentBytes: 8 * 1024 * 1024 };

/** Why a span has no record: its own getters throw, or it has no valid ids. */
export type Refusal = 'unreadable' | 'unserialisable';

/** What it is where a step on the way to the record fails. */
const REFUSALS = { reading: 'unreadable', export: 'unserialisable' } as const;

export interface PipelineCounters extends LedgerCounters {
  /** Spans that did not become records, and so were never accepted for delivery. */
  refused: Readonly<Record<Refusal, number>>;
  /** Spans kept because they may have to be sent again. */
  sentSpans: number;
  sentBytes: number;
}

/** From ended spans to records for Langfuse: read each, count all, write each, and keep what may have to go again. */
export class Pipeline {
  readonly #writer: RecordWriter;
  readonly #ledger: UsageLedger;
  readonly #refused: Record<Refusal, number> = { unreadable: 0, unserialisable: 0 };
  /** Spans that went and may have to go again. */
  readonly #sent: RecentStore<SelectedSpan>;
  /** Spans that are on their way: their usage is asked for when all of them are counted. */
  #underWay: ReadonlySet<string> = new Set();

  constructor(settings: PipelineSettings) {
    this.#writer = new RecordWriter(settings);
    const limits = { ...DEFAULT_LIMITS, ...settings.limits };
    this.#sent = new RecentStore({ maxBytes: limits.maxSentBytes, maxAgeMs: limits.maxAgeMs });
    const isCorrectable = (span: SpanId): boolean => this.#underWay.has(keyOf(span)) || this.#sent.has(keyOf(span));
    this.#ledger = new UsageLedger({ limits, isCorrectable });
  }

  /**
   * One record a span, in any order; a span that cannot be sent costs no other. After them, one for each span sent
   * before whose own usage is another now: Langfuse takes it in place of the former, by trace id, span id and start.
   * @param passed spans that do not go, as far as they may lie between spans that do.
   */
  toRecords(selected: readonly SelectedSpan[], passed: readonly PassedSpan[] = []): string[] {
    const spans = selected.flatMap((span) => this.#attempt('reading', () => readSpan(span)));
    this.#underWay = new Set(spans.map(({ view }) => keyOf(view)));
    const corrected = this.#count([...spans.map(entryOf), ...passed]);
    this.#underWay = new Set();
    return [...spans, ...corrected].flatMap((span) => this.#attempt('export', () => this.#send(span)));
  }

  /** Takes up the counting of a former process, from the records it sent in their order. Returns their spans. */
  restore(records: readonly string[]): ReadableSpanLike[] {
    return records.flatMap((record) => guard('restore', () => this.#restore(record)) ?? []);
  }

  counters(): PipelineCounters {
    return {
      ...this.#ledger.counters(),
      refused: { ...this.#refused },
      sentSpans: this.#sent.size,
      sentBytes: this.#sent.bytes,
    };
  }

  /** Counts them, and returns the spans sent before that are to be sent again. */
  #count(entries: readonly LedgerEntry[]): ReadSpan[] {
    const corrected = new Set<string>();
    for (const entry of entries) {
      const spanIds = guard('counting', () => this.#ledger.count(entry)) ?? [];
      for (const spanId of spanIds) corrected.add(keyOf({ traceId: entry.traceId, spanId }));
    }
    const before = [...corrected].filter((key) => !this.#underWay.has(key));
    return before
      .flatMap((key) => this.#sent.get(key) ?? [])
      .flatMap((span) => guard('reading', () => readSpan(span)) ?? []);
  }

  #attempt<T>(step: keyof typeof REFUSALS, run: () => T | undefined): T[] {
    const result = guard(step, run);
    if (result !== undefined) return [result];
    this.#refused[REFUSALS[step]]++;
    return [];
  }

  #send(span: ReadSpan): string | undefined {
    const own = this.#ledger.own(entryOf(span));
    const isCountedAbove = isSilent(span) && this.#ledger.isCountedAbove(span.view);
    const record = this.#writer.write(span, own, isCountedAbove);
    if (record !== undefined) this.#keep(span, own, record);
    return record;
  }

  /** Keeps a span as long as it may have to give up usage, its own or what Langfuse makes of its text. */
  #keep(read: ReadSpan, own: UsageDetails | undefined, record: string): void {
    const { span, dialect, isTop, isComplete, view } = read;
    const mayGiveUp = own ? !isComplete && (own.total ?? 0) > 0 : isSilent(read);
    if (mayGiveUp) this.#sent.set(keyOf(view), { span, dialect, isTop }, record.length);
    else this.#sent.delete(keyOf(view));
  }

  #restore(record: string): ReadableSpanLike | undefined {
    const restored = toRestoredSpan(record);
    if (!restored) return undefined;
    const span = readSpan(restored);
    this.#ledger.restore(entryOf(span), restored.own);
    this.#keep(span, restored.own, record);
    return restored.span;
  }
}

function entryOf(span: ReadSpan): LedgerEntry {
  const { traceId, spanId, parentSpanId } = span.view;
  const { disjoint, isComplete } = span;
  return {
    traceId,
    spanId,
    isSilent: isSilent(span),
    ...defined({ parentSpanId, usage: disjoint?.usage, isComplete }),
  };
}

function keyOf({ traceId, spanId }: SpanId): string {
  return traceId + spanId;
}
