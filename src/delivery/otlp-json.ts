import type { HrTime, SpanAttributes, SpanView } from '../model/span.ts';
import { boundedValue, type TextRewrite, type ValueBudget, wellFormed } from './otlp-value.ts';

/** Characters of attribute values in one span: below the size at which a lone span is too big for a request. */
export const MAX_SPAN_CHARACTERS = 3_000_000;

/** Present where something of a span could not be sent as it was; says what was done instead. */
export const REPAIRED = 'otel_langfuse.repaired';

/** Thrown for a span that has no place in any trace. */
export class UnserialisableSpanError extends Error {
  override readonly name = 'UnserialisableSpanError';
}

/**
 * The OTLP JSON of one `ResourceSpans` with this one span, with `attributes` in place of its own. Values that JSON or
 * OTLP do not have are replaced and named in the attribute {@link REPAIRED}. What matters most comes first in `attributes`:
 * the budget of {@link MAX_SPAN_CHARACTERS} is spent in order.
 * @param rewrite is asked about each text but names: those in attributes, also of events, links and the resource, and the
 * message of the status as `status.message`.
 * @throws {UnserialisableSpanError} if the span has no valid ids.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function toOtlpJson(span: SpanView, attributes: SpanAttributes, rewrite?: TextRewrite): string {
  if (!isId(span.traceId, 32)) throw new UnserialisableSpanError('the trace id is not 32 hexadecimal digits');
  if (!isId(span.spanId, 16)) throw new UnserialisableSpanError('the span id is not 16 hexadecimal digits');
  const budget: ValueBudget = { characters: MAX_SPAN_CHARACTERS, repairs: new Set(), rewrite };
  const [start, end] = timesOf(span, budget);
  const stated = span.status.message && String(span.status.message);
  const message = stated && rewrite ? rewrite(stated, 'status.message') : stated;
  const encoded = {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId !== undefined && isId(span.parentSpanId, 16) && { parentSpanId: span.parentSpanId }),
    name: wellFormed(String(span.name)),
    // OTLP counts kinds from 1, the API from 0.
    kind: Number.isInteger(span.kind) ? span.kind + 1 : 1,
    startTimeUnixNano: start,
    endTimeUnixNano: end,
    attributes: keyValues(attributes, budget),
    events: span.events.map((event) => ({
      timeUnixNano: unixNano(event.time) ?? start,
      name: wellFormed(String(event.name)),
      attributes: keyValues(event.attributes, budget),
    })),
    links: span.links
      .filter((link) => isId(link.traceId, 32) && isId(link.spanId, 16))
      .map(({ traceId, spanId, attributes: linked }) => ({ traceId, spanId, attributes: keyValues(linked, budget) })),
    status: { code: span.status.code, ...(message && { message: wellFormed(message) }) },
  };
  const resource = { attributes: keyValues(span.resource, budget) };
  if (budget.repairs.size > 0) {
    const values = Array.from(budget.repairs, (key) => ({ stringValue: wellFormed(key) }));
    encoded.attributes.push({ key: REPAIRED, value: { arrayValue: { values } } });
  }
  return JSON.stringify({ resource, scopeSpans: [{ scope: span.scope, spans: [encoded] }] });
}

function isId(id: unknown, digits: number): id is string {
  return typeof id === 'string' && id.length === digits && /^[0-9a-f]+$/i.test(id) && !/^0+$/.test(id);
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

function unixNano(time: HrTime): string | undefined {
  const [seconds, nanoseconds] = time;
  if (!Number.isFinite(seconds) || !Number.isFinite(nanoseconds) || seconds < 0) return undefined;
  return `${BigInt(Math.trunc(seconds)) * 1_000_000_000n + BigInt(Math.round(nanoseconds))}`;
}

function keyValues(attributes: SpanAttributes, budget: ValueBudget): { key: string; value: object }[] {
  const encoded: { key: string; value: object }[] = [];
  for (const key of Object.keys(attributes)) {
    const value = boundedValue(attributes[key], key, budget);
    if (value) encoded.push({ key, value });
  }
  return encoded;
}
