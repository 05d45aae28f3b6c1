import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { DIALECTS, dialectOf } from '../../src/dialect/dialects.ts';
import type { PipelineSettings } from '../../src/exporter/pipeline.ts';
import type { SpanView } from '../../src/model/span.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { recordOf } from '../support/record-of.ts';
import { parseRecord } from '../support/recording-delivery.ts';
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
    const sent = recordOf(span, dialect, { captureContent: false });
    for (const text of said(dialect.read(span))) expect(sent).not.toContain(JSON.stringify(text).slice(1, -1));
  });

  test.each(fixtures)('nothing that is said in $name passes by the mask', ({ span }) => {
    const reading = dialect.read(span);
    const sent = recordOf(span, dialect, { captureContent: true, mask: () => HIDDEN });
    const texts = [...said(reading), ...textsIn(reading.call?.error?.message)];
    for (const text of texts) expect(sent).not.toContain(JSON.stringify(text).slice(1, -1));
    const record = parseRecord(sent);
    for (const [key, value] of Object.entries(reading.metadata)) {
      const masked = record.attributes[`langfuse.observation.metadata.${key}`];
      for (const text of textsIn(value)) expect(masked).not.toContain(text);
    }
  });

  test.each(fixtures)('the counts, prices and names of $name are the same with a mask', ({ span }) => {
    const facts = (settings: Partial<PipelineSettings>): unknown[] => {
      const record = parseRecord(recordOf(span, dialect, { captureContent: true, ...settings }));
      return Object.entries(record.attributes).filter(([name]) => FACTS.test(name));
    };
    expect(facts({ mask: () => HIDDEN })).toEqual(facts({}));
  });
});

const HIDDEN = 'hidden';

/** What a generation is, was billed and is found by. */
const FACTS =
  /^langfuse\.(?:internal|observation\.(?:type|model\.name|usage_details|cost_details|level|metadata\.(?:provider|operation|cost_usd)))/;

function bucketsOf({ call }: DialectReading): UsageDetails | undefined {
  return call?.usage && toDisjointUsage(call.usage).usage;
}

/** Texts that are long enough not to be in a record by chance. */
const MIN_LENGTH = 6;

/** What the mask is to see of a part of a message, beside its names. */
const SAID = ['content', 'arguments', 'response', 'server_tool_call', 'server_tool_call_response'] as const;

/** The texts of a conversation, and what else went in and came out. */
function said({ call, input, output, traceInput, traceOutput }: DialectReading): string[] {
  const messages = [...(call?.input ?? []), ...(call?.output ?? [])];
  const parts = [...messages.flatMap((message) => message.parts), ...(call?.systemInstructions ?? [])];
  const contents = parts.flatMap((part) => SAID.map((name) => (part as Partial<Record<string, unknown>>)[name]));
  const tools = (call?.tools ?? []).map(({ description }) => description);
  return textsIn([contents, tools, input, output, traceInput, traceOutput]);
}

/** All texts in a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= MIN_LENGTH ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
