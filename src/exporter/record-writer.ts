import { priceCall } from '../cost/price.ts';
import { toOtlpJson } from '../delivery/otlp-json.ts';
import type { Dialect } from '../dialect/dialect.ts';
import { LANGFUSE } from '../langfuse/attributes.ts';
import { callAttributes, type CountedUsage, metadataAttributes, NO_USAGE } from '../langfuse/generation.ts';
import { traceAttributes } from '../langfuse/trace.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { DisjointUsage, UsageDetails } from '../model/usage.ts';
import { OURS } from '../semconv/attributes.ts';
import { notify } from '../util/diagnostics.ts';
import { guard } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { RecentSet } from '../util/recent-set.ts';
import type { Settings } from './options.ts';
import { maskedMetadata, maskingOf, withoutContent, withoutInputAndOutput } from './privacy.ts';
import { isCall, type Reading, type ReadSpan } from './read-span.ts';
import { RESTORED } from './restored-span.ts';

export type RecordSettings = Pick<Settings, 'environment' | 'release' | 'captureContent' | 'mask' | 'prices'>;

/** Models without a price that are remembered, so that each is told of once. */
const MAX_SAID = 256;

/** Writes the record of a span for Langfuse: price, map, serialise. The same span with the same usage is the same record. */
export class RecordWriter {
  readonly #settings: RecordSettings;
  readonly #said = new RecentSet(MAX_SAID);

  constructor(settings: RecordSettings) {
    this.#settings = settings;
  }

  /**
   * @param own what of the usage it reports is its own.
   * @param isCountedAbove whether it reports none because a span above it does.
   * @returns `undefined` for a span that has no place in any trace.
   */
  write(
    { view, dialect, isTop, ...span }: ReadSpan,
    own: UsageDetails | undefined,
    isCountedAbove: boolean,
  ): string | undefined {
    const isUnreadable = dialect && !span.reading;
    const mapped = isUnreadable ? undefined : guard('mapping', () => this.#map(view, span, own, isCountedAbove));
    // What we cannot read is still the user's span: it goes as it is, but never with content that is not to be sent.
    const { captureContent, mask } = this.#settings;
    const rest = mapped || !captureContent || mask ? withoutCarried(view, dialect) : view;
    const source = captureContent ? rest : withoutContent(rest);
    // Langfuse attributes that the app set itself win over what we derive.
    const attributes = Object.assign(
      mapped ?? {},
      traceAttributes(this.#settings, view, isTop),
      source.attributes,
      isAroundCalls(view, span, own) && { [LANGFUSE.type]: 'chain' },
    );
    // Metadata of a restored span is what we made of it, masked where it had to be.
    const unseen = dialect === RESTORED ? {} : source.attributes;
    try {
      return toOtlpJson(source, attributes, mask && maskingOf(mask, unseen));
    } catch (error) {
      notify('warn', 'span', `a span was dropped: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  #map(
    view: SpanView,
    { reading, disjoint }: Reading,
    own: UsageDetails | undefined,
    isCountedAbove: boolean,
  ): SpanAttributes {
    if (!reading) return { [LANGFUSE.type]: 'span' };
    const { captureContent, mask } = this.#settings;
    const { type, call, stated, input, output, metadata } = reading;
    const counted = call && disjoint && own && this.#price(call, disjoint, own, view);
    // Assigned, not spread: copying so many attributes again and again was a seventh of the work on a span.
    const attributes = Object.assign(
      call ? callAttributes(call, view, counted) : {},
      { [LANGFUSE.type]: type },
      !counted && (own || isCountedAbove || !isCall(type)) && NO_USAGE,
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
      parameters: call.parameters,
      parts: isWhole ? parts : [{ usage: own }],
      when: new Date(view.startTime[0] * 1000 + view.startTime[1] / 1e6),
      ...defined({
        provider: call.provider,
        serverAddress: call.server?.address,
        requestModel: call.requestModel,
        responseModel: call.responseModel,
        reported: call.usage && (isWhole ? call.usage : withoutTotals(call.usage)),
        prices: this.#settings.prices,
      }),
    });
    if ('unpriced' in pricing) this.#sayOnce(pricing.unpriced.message);
    return { pricing, ...counted };
  }

  #sayOnce(unpriced: string): void {
    if (this.#said.has(unpriced)) return;
    this.#said.add(unpriced);
    notify('info', unpriced, `${unpriced}; OTEL_LANGFUSE_PRICES can say one`);
  }
}

/** Whether a span that says it is a call is only around it: other spans account for all that it reports. */
function isAroundCalls(
  { attributes }: SpanView,
  { reading, disjoint }: Reading,
  own: UsageDetails | undefined,
): boolean {
  if (attributes[OURS.countedIn] !== undefined) return true;
  return reading !== undefined && isCall(reading.type) && own?.total === 0 && own !== disjoint?.usage;
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
