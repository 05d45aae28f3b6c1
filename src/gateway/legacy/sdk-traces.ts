import { EventEmitter, once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { type ReadableSpanLike, scopeNameOf } from '../../exporter/readable-span.ts';
import { LANGFUSE } from '../../langfuse/attributes.ts';
import type { HrTime } from '../../model/span.ts';
import { asArray, asString, defined } from '../../util/json-read.ts';
import { RecentStore } from '../../util/recent-store.ts';
import { VERSION } from '../../util/version.ts';
import { ReceivedSpan } from '../received-span.ts';
import { sizeOfValue } from '../value-size.ts';
import type { SdkEvent } from './event.ts';
import { rootSpanId, toSpanId, toTraceId } from './ids.ts';
import { observationPatch, SHARED, type SpanPatch, toTime, tracePatch } from './patch.ts';
import { statedAttributes } from './stated-attributes.ts';

/** How long, and up to which size, a later event finds what earlier ones said of its observation or trace. */
const SPAN_LIMITS = { maxBytes: 64 * 1024 * 1024, maxAgeMs: 6 * 3_600_000 };
const TRACE_LIMITS = { maxBytes: 32 * 1024 * 1024, maxAgeMs: 6 * 3_600_000 };
/** Of a trace, each of whose spans has them. */
const MAX_TAGS = 200;
/** About what a span and the id of one take beside their texts. */
const SPAN_BYTES = 1_000;
const ID_BYTES = 150;

const SCOPE = { name: 'otel-langfuse.ingestion', version: VERSION };
const SHARED_FIELDS = { scope: SCOPE, resource: {}, bytes: 0, among: 1 };

/** The observation has no end yet, or never will. */
const UNFINISHED = `${LANGFUSE.metadata}unfinished`;
/** Its first event did not say when it began, so the time of that event stands for it. */
const START_ASSUMED = `${LANGFUSE.metadata}start_assumed`;
/** When it began, where that became known only after it was sent. */
const START_TIME = `${LANGFUSE.metadata}start_time`;

/** What is known of a span. `start` never changes: to Langfuse a span with another start is another. */
interface Known {
  readonly traceId: string;
  readonly spanId: string;
  readonly start: HrTime;
  /** The order of the last event about it, see {@link orderOf}. */
  readonly order: number;
  parentSpanId?: string;
  name?: string;
  end?: HrTime;
  attributes: Record<string, unknown>;
}

interface Trace {
  shared: Record<string, unknown>;
  /** Of its spans, also of those that are forgotten. The root is among them once something was said of the trace. */
  spanIds: Set<string>;
  /** When the last of them was known to be under way. */
  end?: HrTime;
}

/** What events have changed. */
interface Changes {
  spanIds: Set<string>;
  /** Those of which every span is another now. */
  traces: Set<Trace>;
}

/**
 * The traces of the former Langfuse SDK. Each event says a part of an observation or a trace; every batch gives the spans
 * it changes anew and whole, under the same ids and start, and Langfuse takes them in place of the former. So nothing
 * waits here for an end that may never come, and what was sent, and so is in the spool, is all that is known.
 */
export class SdkTraces {
  readonly #spans = new RecentStore<Known>(SPAN_LIMITS);
  readonly #traces = new RecentStore<Trace>(TRACE_LIMITS);
  readonly #changes = new EventEmitter().setMaxListeners(0);

  /**
   * Those that can be applied now, what creates before what updates, and updates of observations that are not known: the
   * SDK may have sent two batches at once, or sends the first of them again.
   */
  sort(events: readonly SdkEvent[]): { ready: SdkEvent[]; early: SdkEvent[] } {
    const creates = events.filter(({ isUpdate }) => !isUpdate);
    const created = new Set(creates.filter(({ kind }) => kind === 'observation').map(spanIdOf));
    const updates = events.filter(({ isUpdate }) => isUpdate);
    const isReady = (event: SdkEvent): boolean => created.has(spanIdOf(event)) || !this.#lacks(event);
    return {
      ready: [...creates, ...updates.filter(isReady)],
      early: updates.filter((event) => !isReady(event)),
    };
  }

  /** Resolves when everything that these events update is known, or it took too long. */
  async whenKnown(events: readonly SdkEvent[], timeoutMs: number): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!signal.aborted && events.some((event) => this.#lacks(event)))
      await once(this.#changes, 'change', { signal }).catch(() => {});
  }

  /** The spans that are to go, each with all that is known of it. */
  apply(events: readonly SdkEvent[]): ReceivedSpan[] {
    const changed: Changes = { spanIds: new Set(), traces: new Set() };
    for (const event of events) this.#apply(event, changed);
    for (const { spanIds } of changed.traces) for (const spanId of spanIds) changed.spanIds.add(spanId);
    this.#changes.emit('change');
    return [...changed.spanIds].flatMap((spanId) => this.#toSpan(spanId) ?? []);
  }

  /** Takes up a span that was sent before the gateway was started anew; of several of the same, the last. */
  restore(span: ReadableSpanLike): void {
    if (scopeNameOf(span) !== SCOPE.name) return;
    const { traceId, spanId } = span.spanContext();
    const { parentSpanId, name, startTime: start, endTime } = span;
    const stated = statedAttributes(span.attributes);
    const isRoot = spanId === rootSpanId(traceId);
    const attributes = isRoot ? stated : withoutShared(stated);
    const known: Known = {
      traceId,
      spanId,
      start,
      order: 0,
      name,
      attributes,
      // That it is below the root is not what was said, but what followed.
      ...defined({ parentSpanId: parentSpanId === rootSpanId(traceId) ? undefined : parentSpanId }),
      ...(attributes[UNFINISHED] !== true && { end: endTime }),
    };
    this.#trace(traceId).shared = sharedIn(stated);
    this.#keep(known);
  }

  /** Whether an event updates what is not known, and does not say when that began. */
  #lacks(event: SdkEvent): boolean {
    return event.kind === 'observation' && !this.#spans.has(spanIdOf(event)) && !toTime(event.body.startTime);
  }

  #apply(event: SdkEvent, changed: Changes): void {
    if (event.kind === 'trace') this.#applyToTrace(event, changed);
    else this.#applyToObservation(event, changed);
  }

  #applyToTrace(event: SdkEvent, changed: Changes): void {
    const patch = tracePatch(event);
    const traceId = toTraceId(asString(event.body.id) ?? '');
    const spanId = rootSpanId(traceId);
    const trace = this.#trace(traceId);
    const isNew = !trace.spanIds.has(spanId);
    const root = this.#merge(traceId, { ...patch, spanId }, event);
    const shared = { ...trace.shared, ...sharedIn(root.attributes) };
    const isSame = !isNew && isDeepStrictEqual(shared, trace.shared);
    trace.shared = shared;
    changed.spanIds.add(spanId);
    if (!isSame) changed.traces.add(trace);
  }

  #applyToObservation(event: SdkEvent, changed: Changes): void {
    const patch = observationPatch(event);
    const stated = asString(event.body.traceId);
    const known = this.#spans.get(patch.spanId);
    // An update may leave it out; an observation without a trace is one of its own.
    const traceId = known?.traceId ?? toTraceId(stated || (asString(event.body.id) ?? ''));
    const trace = this.#trace(traceId);
    const { end } = trace;
    const span = this.#merge(traceId, patch, event);
    const type = event.isUpdate ? (span.attributes[LANGFUSE.type] ?? event.observationType) : event.observationType;
    span.attributes[LANGFUSE.type] = type;
    if (type !== 'event' && !span.end) span.attributes[UNFINISHED] = true;
    // Not taken away: Langfuse before 4 adds metadata to what is there.
    else if (UNFINISHED in span.attributes) span.attributes[UNFINISHED] = false;
    changed.spanIds.add(span.spanId);
    // The root lasts as long as what is in it.
    const root = rootSpanId(traceId);
    if (trace.end !== end && this.#spans.has(root)) changed.spanIds.add(root);
  }

  #merge(traceId: string, patch: SpanPatch, event: SdkEvent): Known {
    const { spanId, start, end } = patch;
    const known = this.#spans.get(spanId);
    const order = orderOf(event);
    // The SDK sends batches side by side: what came last need not be what was said last.
    const [earlier, later] = known && order < known.order ? [patch, known] : [known, patch];
    const merged: Known = {
      traceId,
      spanId,
      start: known?.start ?? start ?? end ?? toTime(event.timestamp) ?? now(),
      order: Math.max(order, known?.order ?? order),
      ...defined({
        parentSpanId: later.parentSpanId ?? earlier?.parentSpanId,
        name: later.name ?? earlier?.name,
        end: later.end ?? earlier?.end,
      }),
      attributes: { ...earlier?.attributes, ...later.attributes, ...tagsOf(known, patch) },
    };
    if (!known && !start) merged.attributes[START_ASSUMED] = true;
    if (known && start && known.attributes[START_ASSUMED])
      merged.attributes[START_TIME] = asString(event.body.startTime);
    this.#keep(merged);
    return merged;
  }

  #keep(span: Known): void {
    this.#spans.set(span.spanId, span, SPAN_BYTES + sizeOfValue(span.attributes));
    const trace = this.#trace(span.traceId);
    trace.spanIds.add(span.spanId);
    const end = span.end ?? span.start;
    if (!trace.end || isLater(end, trace.end)) trace.end = end;
  }

  /** A trace is remembered from its last event on. */
  #trace(traceId: string): Trace {
    const trace = this.#traces.get(traceId) ?? { shared: {}, spanIds: new Set() };
    this.#traces.set(traceId, trace, SPAN_BYTES + sizeOfValue(trace.shared) + ID_BYTES * trace.spanIds.size);
    return trace;
  }

  #toSpan(id: string): ReceivedSpan | undefined {
    const span = this.#spans.get(id);
    if (!span) return undefined;
    const { traceId, spanId, start, attributes } = span;
    const trace = this.#traces.get(traceId);
    const root = rootSpanId(traceId);
    const isRoot = spanId === root;
    const end = (isRoot ? trace?.end : span.end) ?? start;
    const parentSpanId = span.parentSpanId ?? (!isRoot && trace?.spanIds.has(root) ? root : undefined);
    const fields = {
      traceId,
      spanId,
      ...defined({ parentSpanId }),
      name: span.name ?? (isRoot ? 'trace' : (asString(attributes[LANGFUSE.type]) ?? 'span')),
      startTimeUnixNano: start,
      endTimeUnixNano: isLater(start, end) ? start : end,
      attributes: { ...(isRoot && { [LANGFUSE.type]: 'span' }), ...trace?.shared, ...attributes },
    };
    return new ReceivedSpan(fields, SHARED_FIELDS);
  }
}

/** By the time at which the SDK made it; of the same millisecond, what updates is later. */
function orderOf({ timestamp = '', isUpdate }: SdkEvent): number {
  const milliseconds = Date.parse(timestamp);
  return Number.isNaN(milliseconds) ? Number.MAX_SAFE_INTEGER : 2 * milliseconds + (isUpdate ? 1 : 0);
}

function spanIdOf({ body }: SdkEvent): string {
  return toSpanId(asString(body.id) ?? '');
}

function sharedIn(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => SHARED.has(key)));
}

function withoutShared(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !SHARED.has(key)));
}

/** Tags are added; all else that is said later holds. */
function tagsOf(known: Known | undefined, { attributes }: SpanPatch): Record<string, unknown> {
  const tags = [known?.attributes[LANGFUSE.tags], attributes[LANGFUSE.tags]].flatMap((value) => asArray(value) ?? []);
  return tags.length > 0 ? { [LANGFUSE.tags]: [...new Set(tags)].slice(0, MAX_TAGS) } : {};
}

function isLater(time: HrTime, than: HrTime): boolean {
  return time[0] > than[0] || (time[0] === than[0] && time[1] > than[1]);
}

function now(): HrTime {
  return toTime(new Date().toISOString()) ?? [0, 0];
}
