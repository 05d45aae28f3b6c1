import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REPAIRED, toOtlpJson, UnserialisableSpanError } from '../../src/delivery/otlp-json.ts';
import { MAX_SPAN_CHARACTERS } from '../../src/delivery/otlp-value.ts';
import type { SpanAttributes, SpanView } from '../../src/model/span.ts';
import { parseRecord } from '../support/recording-delivery.ts';

const SPAN: SpanView = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  parentIsRemote: false,
  name: 'chat gpt-4o',
  kind: 2,
  startTime: [1_750_000_000, 123_456_789],
  endTime: [1_750_000_001, 0],
  status: { code: 2, message: 'Slow down' },
  attributes: {},
  events: [{ name: 'exception', time: [1_750_000_000, 5], attributes: { 'exception.type': 'Timeout' } }],
  links: [{ traceId: '0af7651916cd43dd8448eb211c80319d', spanId: 'b7ad6b7169203332', attributes: { why: 'retry' } }],
  scope: { name: 'openai', version: '1' },
  resource: { 'service.name': 'shop' },
};

function sent(attributes: SpanAttributes, span: Partial<SpanView> = {}): Record<string, unknown> {
  return parseRecord(toOtlpJson({ ...SPAN, ...span }, attributes)).attributes;
}

/** The one value as OTLP has it. */
function otlp(value: unknown): unknown {
  const record = JSON.parse(toOtlpJson(SPAN, { value })) as {
    scopeSpans: [{ spans: [{ attributes: { value: unknown }[] }] }];
  };
  return record.scopeSpans[0].spans[0].attributes[0]?.value;
}

describe('a span', () => {
  test('is one ResourceSpans', () => {
    expect(JSON.parse(toOtlpJson(SPAN, { model: 'gpt-4o' }))).toEqual({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      scopeSpans: [
        {
          scope: { name: 'openai', version: '1' },
          spans: [
            {
              traceId: SPAN.traceId,
              spanId: SPAN.spanId,
              parentSpanId: SPAN.parentSpanId,
              name: 'chat gpt-4o',
              kind: 3,
              startTimeUnixNano: '1750000000123456789',
              endTimeUnixNano: '1750000001000000000',
              attributes: [{ key: 'model', value: { stringValue: 'gpt-4o' } }],
              events: [
                {
                  timeUnixNano: '1750000000000000005',
                  name: 'exception',
                  attributes: [{ key: 'exception.type', value: { stringValue: 'Timeout' } }],
                },
              ],
              links: [
                {
                  traceId: '0af7651916cd43dd8448eb211c80319d',
                  spanId: 'b7ad6b7169203332',
                  attributes: [{ key: 'why', value: { stringValue: 'retry' } }],
                },
              ],
              status: { code: 2, message: 'Slow down' },
            },
          ],
        },
      ],
    });
  });

  test.each([
    ['no trace id', { traceId: '' }],
    ['an all-zero trace id', { traceId: '0'.repeat(32) }],
    ['a span id of a wrong length', { spanId: 'abc' }],
    ['an id that is no text', { spanId: undefined as never }],
  ])('with %s belongs nowhere', (_, ids) => {
    expect(() => toOtlpJson({ ...SPAN, ...ids }, {})).toThrow(UnserialisableSpanError);
  });

  test('with a bad parent id is a root', () => {
    expect(parseRecord(toOtlpJson({ ...SPAN, parentSpanId: 'x' }, {})).parentSpanId).toBeUndefined();
  });

  test.each([
    ['base64', 'CvdlGRbNQ92ESOshHIAxnA==', 't61rcWkgMzE='],
    ['base64 without padding', 'CvdlGRbNQ92ESOshHIAxnA', 't61rcWkgMzE'],
    ['upper case', SPAN.traceId.toUpperCase(), SPAN.spanId.toUpperCase()],
    ['bytes', Buffer.from(SPAN.traceId, 'hex'), Buffer.from(SPAN.spanId, 'hex')],
  ])('with ids in %s is at its place', (_, traceId, spanId) => {
    const ids = { traceId, spanId, parentSpanId: spanId, links: [{ traceId, spanId, attributes: {} }] } as never;
    const record = JSON.parse(toOtlpJson({ ...SPAN, ...(ids as object) }, {})) as {
      scopeSpans: [{ spans: [Record<string, unknown>] }];
    };
    expect(record.scopeSpans[0].spans[0]).toMatchObject({
      traceId: SPAN.traceId,
      spanId: SPAN.spanId,
      parentSpanId: SPAN.spanId,
      links: [{ traceId: SPAN.traceId, spanId: SPAN.spanId }],
    });
  });

  test.each([
    ['before 1970', [-1, 999_999_999]],
    ['a negative part', [0, -1]],
    ['beyond 64 bits', [2 ** 40, 0]],
    ['infinite', [Number.POSITIVE_INFINITY, 0]],
    ['text', ['1750000000', '0']],
    ['a date', new Date(0)],
    ['missing', undefined],
  ])('with a time that is %s keeps its place by the other one', (_, time) => {
    const record = parseRecord(toOtlpJson({ ...SPAN, endTime: time as never }, {}));
    expect(record.endTimeUnixNano).toBe('1750000000123456789');
    expect(record.attributes[REPAIRED]).toEqual(['end time']);
  });

  test('with an invalid time keeps its place by the other one', () => {
    const record = parseRecord(toOtlpJson({ ...SPAN, startTime: [Number.NaN, 0] }, {}));
    expect(record).toMatchObject({ startTimeUnixNano: '1750000001000000000', endTimeUnixNano: '1750000001000000000' });
    expect(record.attributes[REPAIRED]).toEqual(['start time']);
  });

  test('with no valid time is of now', () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const record = parseRecord(toOtlpJson({ ...SPAN, startTime: [Infinity, 0], endTime: [-1, 0] }, {}));
    expect(BigInt(record.startTimeUnixNano)).toBeGreaterThanOrEqual(before);
    expect(record.attributes[REPAIRED]).toEqual(['start time', 'end time']);
  });
});

describe('values', () => {
  test.each([
    ['text', 'a', { stringValue: 'a' }],
    ['an integer', 5, { intValue: 5 }],
    ['a fraction', 0.5, { doubleValue: 0.5 }],
    ['zero, which Langfuse cannot read as an integer', 0, { doubleValue: 0 }],
    ['beyond safe integers', 2 ** 60, { doubleValue: 2 ** 60 }],
    ['a boolean', false, { boolValue: false }],
    ['a list', ['a', 1], { arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } }],
    ['an object', { a: 1 }, { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } }],
    ['a date', new Date(0), { stringValue: '1970-01-01T00:00:00.000Z' }],
    ['a small bigint', 7n, { intValue: 7 }],
  ])('%s', (_, value, expected) => {
    expect(otlp(value)).toEqual(expected);
  });

  test.each([
    ['NaN', Number.NaN, 'NaN'],
    ['Infinity', -Infinity, '-Infinity'],
    ['a big bigint', 2n ** 64n, '18446744073709551616'],
    ['a function', () => 1, '[function]'],
    ['a symbol', Symbol('s'), '[symbol]'],
    ['bytes', new Uint8Array(9), '[9 bytes]'],
  ])('%s is replaced, and named', (_, value, expected) => {
    expect(sent({ value })).toEqual({ value: expected, [REPAIRED]: ['value'] });
  });

  test('what is not there is not sent', () => {
    expect(sent({ a: undefined, b: null, c: 'c' })).toEqual({ c: 'c' });
  });

  test('half surrogate pairs become the replacement character', () => {
    expect(sent({ value: 'a\uD83Db\uDE00c😀' })).toEqual({ value: 'a\uFFFDb\uFFFDc😀' });
    const { name, status } = parseRecord(
      toOtlpJson({ ...SPAN, name: '\uD83D', status: { code: 2, message: '\uDE00' } }, {}),
    );
    expect([name, status.message]).toEqual(['\uFFFD', '\uFFFD']);
  });

  test('circles end', () => {
    const value: Record<string, unknown> = { name: 'a' };
    value['self'] = value;
    expect(JSON.stringify(otlp(value))).toContain('[circular]');
    const shared = { same: 1 };
    expect(JSON.stringify(otlp([shared, shared]))).not.toContain('[circular]');
  });

  test('very deep values end', () => {
    let value: unknown = 'bottom';
    for (let depth = 0; depth < 10_000; depth++) value = [value];
    expect(sent({ value })[REPAIRED]).toEqual(['value']);
  });

  test('huge values are cut with a marker, and what comes first stays whole', () => {
    const attributes = sent({ usage: '{"total":5}', text: 'x'.repeat(2 * MAX_SPAN_CHARACTERS), later: 'y'.repeat(10) });
    expect(attributes['usage']).toBe('{"total":5}');
    expect(String(attributes['text'])).toHaveLength(MAX_SPAN_CHARACTERS - 'shop{"total":5}'.length + '… [cut]'.length);
    expect(attributes['later']).toBe('… [cut]');
    expect(attributes[REPAIRED]).toContain('text');
  });

  test('a value that throws costs only itself', () => {
    const trap = {
      get inside() {
        throw new Error('the prompt');
      },
    };
    expect(sent({ before: 1, trap, after: 2 })).toEqual({
      before: 1,
      trap: '[unreadable]',
      after: 2,
      [REPAIRED]: ['trap'],
    });
    const attributes = Object.defineProperty({ ok: 1 }, 'trap', { enumerable: true, get: () => trap.inside });
    expect(sent(attributes)).toMatchObject({ ok: 1, trap: '[unreadable]' });
  });

  test('a key __proto__ is a key like any other', () => {
    const attributes = JSON.parse('{"__proto__": {"__proto__": "inner"}, "constructor": 1}') as SpanAttributes;
    const { scopeSpans } = JSON.parse(toOtlpJson(SPAN, attributes)) as {
      scopeSpans: [{ spans: [{ attributes: { key: string }[] }] }];
    };
    expect(scopeSpans[0].spans[0].attributes).toEqual([
      { key: '__proto__', value: { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'inner' } }] } } },
      { key: 'constructor', value: { intValue: 1 } },
    ]);
  });

  const LARGE = 20_000_000;
  test.each<[string, Partial<SpanView>, SpanAttributes]>([
    ['a text', {}, { text: 'x'.repeat(LARGE) }],
    ['a text of characters that JSON escapes', {}, { text: '\u0001'.repeat(LARGE) }],
    ['a key', {}, { ['x'.repeat(LARGE)]: 1 }],
    ['a name', { name: 'x'.repeat(LARGE) }, {}],
    ['a status', { status: { code: 2, message: 'x'.repeat(LARGE) } }, {}],
    ['a list of numbers', {}, { list: Array.from({ length: 2_000_000 }, (_, index) => index) }],
    ['a map of many keys', {}, { map: Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`k${i}`, i])) }],
    ['many attributes', {}, Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`k${i}`, i]))],
    ['a vector', {}, { vector: new Float64Array(2_000_000) }],
    [
      'many events',
      { events: Array.from({ length: 300_000 }, () => ({ name: 'e', time: [1, 0] as const, attributes: {} })) },
      {},
    ],
  ])('%s of any size fits, cut with a notice', (_, span, attributes) => {
    const record = toOtlpJson({ ...SPAN, ...span }, { total: 5, ...attributes });
    // Characters of control take six in JSON, and 16 MB characters is what a delivery takes.
    expect(record.length).toBeLessThanOrEqual(6 * MAX_SPAN_CHARACTERS + 2048);
    const { attributes: kept, resource } = parseRecord(record);
    expect([kept['total'], resource['service.name']]).toEqual([5, 'shop']);
    expect(kept[REPAIRED]).not.toEqual([]);
  });

  test('whatever the value, the record is JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withTypedArray: true })),
        (attributes) => {
          JSON.parse(toOtlpJson(SPAN, attributes));
        },
      ),
    );
  });
});
