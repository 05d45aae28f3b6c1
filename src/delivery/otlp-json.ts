import type { JsonObject } from '../model/json.ts';
import { type HrTime, type SpanAttributes, type SpanView, STATUS_MESSAGE } from '../model/span.ts';
import { boundedText, boundedValue, MAX_NAME, newBudget, type TextRewrite, type ValueBudget } from './otlp-value.ts';
import { spanIdOf, traceIdOf } from './span-ids.ts';

/** Present where something of a span could not be sent as it was; says what was done instead. */
export const REPAIRED = 'otel_langfuse.repaired';

/** Characters of a status message: clients put whole responses there. */
const MAX_STATUS = 16_384;

/** Thrown for a span that has no place in any trace. */
export class UnserialisableSpanError extends Error {
  override readonly name = 'UnserialisableSpanError';
}

/**
 * The OTLP JSON of one `ResourceSpans` with this one span, with `attributes` in place of its own. Values that JSON or
 * OTLP do not have are replaced, what is too long is cut with a marker, and both are named in the attribute
 * {@link REPAIRED}. What matters most comes first in `attributes`: budgets are spent in order, that of
 * `MAX_SPAN_CHARACTERS` and that of `MAX_ENTRIES`.
 * @param rewrite is asked about each text but names: those in attributes, also of events, links and the resource, and the
 * message of the status as {@link STATUS_MESSAGE}.
 * @throws {UnserialisableSpanError} if the span has no valid ids.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function toOtlpJson(span: SpanView, attributes: SpanAttributes, rewrite?: TextRewrite): string {
  const traceId = traceIdOf(span.traceId);
  const spanId = spanIdOf(span.spanId);
  if (traceId === undefined) throw new UnserialisableSpanError('the trace id is not 16 bytes');
  if (spanId === undefined) throw new UnserialisableSpanError('the span id is not 8 bytes');
  const parentSpanId = spanIdOf(span.parentSpanId);
  const budget = newBudget(rewrite);
  const resource = { attributes: keyValues(span.resource, budget) };
  const [start, end] = timesOf(span, budget);
  const stated = span.status.message && String(span.status.message);
  const message = stated && rewrite ? rewrite(stated, STATUS_MESSAGE) : stated;
  const encoded = {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: boundedText(span.name, 'name', MAX_NAME, budget),
    // OTLP counts kinds from 1, the API from 0.
    kind: Number.isInteger(span.kind) ? span.kind + 1 : 1,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: keyValues(attributes, budget),
    events: within(budget, 'events', span.events, (event) => ({
      timeUnixNano: unixNano(event.time) ?? start,
      name: boundedText(event.name, 'events', MAX_NAME, budget),
      attributes: keyValues(event.attributes, budget),
    })),
    links: within(budget, 'links', span.links, (link) => {
      const [linkedTrace, linkedSpan] = [traceIdOf(link.traceId), spanIdOf(link.spanId)];
      if (linkedTrace === undefined || linkedSpan === undefined) return undefined;
      return { traceId: linkedTrace, spanId: linkedSpan, attributes: keyValues(link.attributes, budget) };
    }),
    status: {
      code: span.status.code,
      ...(message && { message: boundedText(message, 'status', MAX_STATUS, budget) }),
    },
  };
  const scope = {
    name: boundedText(span.scope.name, 'scope', MAX_NAME, budget),
    ...(span.scope.version !== undefined && { version: boundedText(span.scope.version, 'scope', MAX_NAME, budget) }),
  };
  if (budget.repairs.size > 0) encoded.attributes.push(repairNotice(budget.repairs));
  return JSON.stringify({ resource, scopeSpans: [{ scope, spans: [encoded] }] });
}

/** The attribute that names what was repaired. */
export function repairNotice(names: ReadonlySet<string>): JsonObject & { key: string; value: JsonObject } {
  const values = Array.from(names, (name) => ({ stringValue: name.toWellFormed() }));
  return { key: REPAIRED, value: { arrayValue: { values } } };
}

/** A span whose clock failed keeps its place: the other end, else now. */
function timesOf({ startTime, endTime }: SpanView, budget: ValueBudget): [start: string, end: string] {
  const start = unixNano(startTime);
  const end = unixNano(endTime);
  if (start === undefined) budget.repairs.add('start time');
  if (end === undefined) budget.repairs.add('end time');
  const instead = start ?? end ?? `${BigInt(Date.now()) * 1_000_000n}`;
  return [start ?? instead, end ?? instead];
}

/** What 64 bits hold: the year 2262. */
const LAST_TIME = 2n ** 63n - 1n;

/** Only what is a time since 1970; clients and clocks are not trusted with the type either. */
function unixNano(time: HrTime): string | undefined {
  const [seconds, nanoseconds] = Array.isArray(time) ? (time as unknown[]) : [];
  if (!Number.isFinite(seconds) || !Number.isFinite(nanoseconds)) return undefined;
  const total = BigInt(Math.trunc(Number(seconds))) * 1_000_000_000n + BigInt(Math.round(Number(nanoseconds)));
  return total >= 0n && total <= LAST_TIME ? `${total}` : undefined;
}

function keyValues(attributes: SpanAttributes, budget: ValueBudget): { key: string; value: object }[] {
  return within(budget, 'attributes', Object.keys(attributes), (name) => {
    const key = boundedText(name, name.slice(0, MAX_NAME), MAX_NAME, budget);
    const value = boundedValue(() => attributes[name], key, budget);
    return value && { key, value };
  });
}

/** The items as far as the span may have so many. */
function within<T, R>(budget: ValueBudget, what: string, items: readonly T[], encode: (item: T) => R | undefined): R[] {
  const encoded: R[] = [];
  for (const item of items) {
    if (--budget.entries < 0) {
      budget.repairs.add(what);
      break;
    }
    const each = encode(item);
    if (each !== undefined) encoded.push(each);
  }
  return encoded;
}
