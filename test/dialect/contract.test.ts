import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Dialect, DialectReading } from '../../src/dialect/dialect.ts';
import { DIALECTS, dialectOf } from '../../src/dialect/dialects.ts';
import { Pipeline, type PipelineSettings } from '../../src/exporter/pipeline.ts';
import type { ReadableSpanLike } from '../../src/exporter/readable-span.ts';
import type { SpanView } from '../../src/model/span.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanFixtures } from '../support/span-fixtures.ts';
import { spanOf } from '../support/span-view.ts';

/** What holds for the reader of every dialect, on the spans in its fixtures and on spans that only resemble them. */
describe.each(DIALECTS.map((dialect) => [dialect.id, dialect] as const))('%s', (id, dialect) => {
  const fixtures = spanFixtures(id);
  const attributes = Object.assign({}, ...fixtures.map(({ span }) => span.attributes)) as SpanView['attributes'];
  const events = fixtures.flatMap(({ span }) => span.events);

  test('has fixtures', () => {
    expect(fixtures.length).toBeGreaterThan(0);
  });

  test.each(fixtures)('$name is read as expected', ({ span, expected }) => {
    expect(dialectOf(span.attributes, span.scope.name)).toBe(dialect);
    const reading = dialect.read(span);
    expect({ ...reading, buckets: bucketsOf(reading) }).toEqual(expected);
  });

  test.each(fixtures)('reading $name changes nothing', ({ span }) => {
    const before = structuredClone(span);
    const first = dialect.read(deepFreeze(span));
    expect(span).toEqual(before);
    expect(dialect.read(span)).toEqual(first);
  });

  test('any values of its attributes are survived, and share no token', () => {
    const count = fc.oneof(fc.nat(2_000), fc.integer(), fc.double());
    const known = fc.constantFrom(...Object.values(attributes));
    const value = fc.oneof(count, count, known, fc.anything(), fc.json());
    const garbage = fc.dictionary(fc.constantFrom(...Object.keys(attributes)), value, { maxKeys: 30 });
    fc.assert(
      fc.property(garbage, fc.subarray(events), fc.constantFrom(0, 1, 2), (values, some, code) => {
        const reading = dialect.read(spanOf({ attributes: values, events: some, status: { code } }));
        const buckets = bucketsOf(reading) ?? {};
        const { total = 0, search_units: _searches, ...counts } = buckets;
        const all = Object.values(counts);
        expect(all.every((tokens) => tokens >= 0)).toBe(true);
        expect(all.reduce((sum, tokens) => sum + tokens, 0)).toBe(total);
      }),
      { numRuns: 500 },
    );
  });

  test.each(fixtures)('nothing that is said in $name is sent where content is switched off', ({ span }) => {
    const sent = record(span, dialect, { captureContent: false });
    for (const text of textsOf(dialect.read(span))) expect(sent).not.toContain(JSON.stringify(text).slice(1, -1));
  });

  test.each(fixtures)('nothing that is said in $name passes by the mask', ({ span }) => {
    const sent = record(span, dialect, { captureContent: true, mask: () => 'hidden' });
    for (const text of textsOf(dialect.read(span))) expect(sent).not.toContain(JSON.stringify(text).slice(1, -1));
  });
});

function bucketsOf({ call }: DialectReading): UsageDetails | undefined {
  return call?.usage && toDisjointUsage(call.usage).usage;
}

/** The span as it goes to Langfuse. */
function record(view: SpanView, dialect: Dialect, settings: Pick<PipelineSettings, 'captureContent' | 'mask'>): string {
  const { traceId, spanId, scope, resource, ...rest } = view;
  const span: ReadableSpanLike = {
    ...rest,
    links: [],
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    instrumentationScope: scope,
    resource: { attributes: resource },
  };
  const records = new Pipeline(settings).toRecords([{ span, dialect, isTop: true }]);
  expect(records).toHaveLength(1);
  return records.join('\n');
}

/** Texts that are long enough not to be in a record by chance. */
const MIN_LENGTH = 6;

/** The texts of a conversation, and what else went in and came out. */
function textsOf({ call, input, output }: DialectReading): string[] {
  const messages = [...(call?.input ?? []), ...(call?.output ?? [])];
  const parts = [...messages.flatMap((message) => message.parts), ...(call?.systemInstructions ?? [])];
  const texts = parts.flatMap((part) => ('content' in part ? [part.content] : []));
  return [...texts, input, output].filter(
    (text): text is string => typeof text === 'string' && text.length >= MIN_LENGTH,
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
