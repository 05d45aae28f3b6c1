import { priceCall } from '../cost/price.ts';
import { toOtlpJson } from '../delivery/otlp-json.ts';
import type { Dialect, DialectReading } from '../dialect/dialect.ts';
import { LANGFUSE } from '../langfuse/attributes.ts';
import { callAttributes, type CountedUsage, metadataAttributes, NO_USAGE } from '../langfuse/generation.ts';
import { traceAttributes } from '../langfuse/trace.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { DisjointUsage, UsageDetails } from '../model/usage.ts';
import { toDisjointUsage } from '../usage/disjoint.ts';
import { type LedgerCounters, type LedgerEntry, type SpanId, UsageLedger } from '../usage/ledger.ts';
import type { TraceLimits } from '../usage/recent-traces.ts';
import { notify } from '../util/diagnostics.ts';
import { guard } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { RecentSet } from '../util/recent-set.ts';
import { RecentStore } from '../util/recent-store.ts';
import type { Settings } from './options.ts';
import { toSpanView } from './readable-span.ts';
import { maskedMetadata, maskingOf, withoutContent, withoutInputAndOutput } from './privacy.ts';
import { toRestoredSpan } from './restored-span.ts';
import type { PassedSpan, SelectedSpan } from './select.ts';

export type PipelineSettings = Pick<Settings, 'environment' | 'release' | 'captureContent' | 'mask' | 'prices'> & {
  limits?: Partial<PipelineLimits>;
};

/** What is remembered of spans that went. */
export interface PipelineLimits extends TraceLimits {
  /**
   * Bytes of spans that are kept after they went, because spans below them may come later and leave them less usage of
   * their own: then they are sent again. A larger number corrects more; the sum is right with any. A span is taken to
   * be as big as its record: Latin text takes a quarter less, other text up to twice as much.
   */
  maxSentBytes: number;
}

const DEFAULT_LIMITS: PipelineLimits = {
  maxSpans: 50_000,
  maxAgeMs: 15 * 60_000,
  maxSentBytes: 8 * 1024 * 1024,
};

export interface PipelineCounters extends LedgerCounters {
  /** Spans kept because they may have to be sent again. */
  sentSpans: number;
  sentBytes: number;
}

/** Models without a price that are remembered, so that each is told of once. */
const MAX_SAID = 256;

/** What the dialect of a span makes of it. */
interface Reading {
  /** Absent where no dialect knows the span, or its reader failed. */
  reading?: DialectReading;
  disjoint?: DisjointUsage;
}

interface ReadSpan extends SelectedSpan, Reading {
  view: SpanView;
}

/** From ended spans to records for Langfuse: read, count once, price, map, serialise. */
export class Pipeline {
  readonly #settings: PipelineSettings;
  readonly #ledger: UsageLedger;
  /** Spans that went and may have to go again. */
  readonly #sent: RecentStore<SelectedSpan>;
  /** Spans that are on their way: their usage is asked for when all of them are counted. */
  #underWay: ReadonlySet<string> = new Set();
  readonly #said = new RecentSet(MAX_SAID);

  constructor(settings: PipelineSettings) {
    this.#settings = settings;
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
    const spans = selected.flatMap((span) => guard('reading', () => read(span)) ?? []);
    this.#underWay = new Set(spans.map(({ view }) => keyOf(view)));
    const corrected = this.#count([...passed, ...spans.map(entryOf)]);
    this.#underWay = new Set();
    return [...spans, ...corrected].flatMap((span) => guard('export', () => this.#send(span)) ?? []);
  }

  /** Takes up the counting of a former process, from the records it sent in their order. */
  restore(records: Iterable<string>): void {
    for (const record of records) guard('restore', () => this.#restore(record));
  }

  counters(): PipelineCounters {
    return { ...this.#ledger.counters(), sentSpans: this.#sent.size, sentBytes: this.#sent.bytes };
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
      .flatMap((span) => guard('reading', () => read(span)) ?? []);
  }

  #send(span: ReadSpan): string | undefined {
    const own = this.#ledger.own(entryOf(span));
    const record = this.#toRecord(span, own);
    if (record !== undefined) this.#keep(span, own, record);
    return record;
  }

  /** Keeps a span as long as it has usage that it may have to give up. */
  #keep(
    { span, dialect, isTop, isComplete, view, reading }: ReadSpan,
    own: UsageDetails | undefined,
    record: string,
  ): void {
    const mayGiveUp = reading && !isComplete && (own ? (own.total ?? 0) > 0 : isCall(reading));
    if (mayGiveUp) this.#sent.set(keyOf(view), { span, dialect, isTop }, record.length);
    else this.#sent.delete(keyOf(view));
  }

  #restore(record: string): void {
    const restored = toRestoredSpan(record);
    if (!restored) return;
    const span = read(restored);
    this.#ledger.restore(entryOf(span), restored.own);
    this.#keep(span, restored.own, record);
  }

  #toRecord({ view, dialect, isTop, ...span }: ReadSpan, own: UsageDetails | undefined): string | undefined {
    const isUnreadable = dialect && !span.reading;
    const mapped = isUnreadable ? undefined : guard('mapping', () => this.#map(view, span, own));
    // What we cannot read is still the user's span: it goes as it is, but never with content that is not to be sent.
    const { captureContent, mask } = this.#settings;
    const rest = mapped || !captureContent || mask ? withoutCarried(view, dialect) : view;
    const source = captureContent ? rest : withoutContent(rest);
    // Langfuse attributes that the app set itself win over what we derive.
    const attributes = Object.assign(
      mapped ?? {},
      traceAttributes(this.#settings, view, isTop),
      source.attributes,
      isAroundCalls(span, own) && { [LANGFUSE.type]: 'chain' },
    );
    try {
      return toOtlpJson(source, attributes, mask && maskingOf(mask, source.attributes));
    } catch (error) {
      notify('warn', 'span', `a span was dropped: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #map(view: SpanView, { reading, disjoint }: Reading, own: UsageDetails | undefined): SpanAttributes {
    if (!reading) return { [LANGFUSE.type]: 'span' };
    const { captureContent, mask } = this.#settings;
    const { type, call, stated, input, output, metadata } = reading;
    const counted = call && disjoint && own && this.#price(call, disjoint, own, view);
    // Assigned, not spread: copying so many attributes again and again was a seventh of the work on a span.
    const attributes = Object.assign(
      call ? callAttributes(call, view, counted) : {},
      { [LANGFUSE.type]: type },
      !counted && (own || !isCall(reading)) && NO_USAGE,
      stated && own === stated.usage && stated.attributes,
      defined({
        [LANGFUSE.promptName]: reading.promptName,
        [LANGFUSE.input]: input,
        [LANGFUSE.output]: output,
        [LANGFUSE.traceInput]: reading.traceInput,
        [LANGFUSE.traceOutput]: reading.traceOutput,
        [LANGFUSE.userId]: reading.userId,
        [LANGFUSE.sessionId]: reading.sessionId,
        [LANGFUSE.tags]: reading.tags,
      }),
      metadataAttributes(mask ? maskedMetadata(mask, metadata) : metadata),
    );
    return captureContent ? attributes : withoutInputAndOutput(attributes);
  }

  #price(call: LlmCall, { usage, parts, problems }: DisjointUsage, own: UsageDetails, view: SpanView): CountedUsage {
    const counted = { reported: usage, own, problems };
    const isWhole = own === usage;
    if (!isWhole && own.total === 0) return counted;
    const pricing = priceCall({
      ...defined({
        provider: call.provider,
        serverAddress: call.server?.address,
        requestModel: call.requestModel,
        responseModel: call.responseModel,
        reported: call.usage && (isWhole ? call.usage : withoutTotals(call.usage)),
        prices: this.#settings.prices,
      }),
      parameters: call.parameters,
      parts: isWhole ? parts : [{ usage: own }],
      when: new Date(view.startTime[0] * 1000 + view.startTime[1] / 1e6),
    });
    if ('unpriced' in pricing) this.#sayOnce(pricing.unpriced.message);
    return { ...counted, pricing };
  }

  #sayOnce(unpriced: string): void {
    if (this.#said.has(unpriced)) return;
    this.#said.add(unpriced);
    notify('info', unpriced, `${unpriced}; OTEL_LANGFUSE_PRICES can say one`);
  }
}

function read(selected: SelectedSpan): ReadSpan {
  const { span, dialect } = selected;
  const view = toSpanView(span);
  const known =
    dialect &&
    guard('reading', () => {
      const reading = dialect.read(view);
      return { reading, ...defined({ disjoint: disjointOf(reading) }) };
    });
  return { ...selected, view, ...known };
}

function entryOf({ view: { traceId, spanId, parentSpanId }, disjoint, isComplete }: ReadSpan): LedgerEntry {
  return { traceId, spanId, ...defined({ parentSpanId, usage: disjoint?.usage, isComplete }) };
}

function keyOf({ traceId, spanId }: SpanId): string {
  return traceId + spanId;
}

/** Whether a span that says it is a call is around spans that account for all it reports: they are the calls. */
function isAroundCalls({ reading, disjoint }: Reading, own: UsageDetails | undefined): boolean {
  return reading !== undefined && isCall(reading) && own?.total === 0 && own !== disjoint?.usage;
}

/** Whether Langfuse counts the tokens of its text where it is sent without usage. */
function isCall({ type }: DialectReading): boolean {
  return type === 'generation' || type === 'embedding';
}

function disjointOf({ call, stated }: DialectReading): DisjointUsage | undefined {
  if (stated?.usage) return { usage: stated.usage, parts: [{ usage: stated.usage }], problems: [] };
  return call?.usage && toDisjointUsage(call.usage);
}

/** The span without what a reading of it carries. */
function withoutCarried(view: SpanView, dialect: Dialect | undefined): SpanView {
  if (!dialect) return view;
  const attributes: Record<string, unknown> = {};
  for (const name of Object.keys(view.attributes)) {
    if (!dialect.carries(name)) attributes[name] = view.attributes[name];
  }
  const events = view.events.filter(({ name }) => !dialect.carriesEvent(name));
  return { ...view, attributes, events };
}

/** Of a span whose usage is only partly its own, money, fees and units are those of the whole: they belong to no part. */
function withoutTotals({
  billedUsd: _money,
  reckonedUsd: _reckoned,
  serverTools: _fees,
  units: _units,
  ...usage
}: ReportedUsage): ReportedUsage {
  return usage;
}
