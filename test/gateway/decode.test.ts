import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeJson } from '../../src/gateway/decode-json.ts';
import { decodeProtobuf } from '../../src/gateway/decode-protobuf.ts';
import { MalformedBodyError, type SpanFields, TRACES, type TracesRequest } from '../../src/gateway/otlp-schema.ts';
import { keyValues, tracesRequest, TRACE_ID } from './gateways.ts';

const spansOf = ({ resourceSpans = [] }: TracesRequest): SpanFields[] =>
  resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans));

const json = (value: unknown): SpanFields[] =>
  spansOf(decodeJson(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), TRACES));

/** What comes of one span with this JSON text as its fields. */
const jsonSpanOf = (fields: string): SpanFields | undefined =>
  json(`{"resourceSpans":[{"scopeSpans":[{"spans":[${fields}]}]}]}`)[0];

describe('both encodings', () => {
  // The SDK writes larger integers as one type in JSON and as another in protobuf.
  const double = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((number) => !Number.isInteger(number) || Number.isSafeInteger(number));
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    double,
    fc.array(fc.string()),
    fc.array(double),
  );
  const attributes = fc.dictionary(fc.string({ minLength: 1 }), value);

  test('say the same of whatever the SDK writes', () => {
    const tracer = new TracerProvider().getTracer('shop', '1');
    fc.assert(
      fc.property(fc.string(), attributes, attributes, fc.nat(4), (name, own, ofEvent, kind) => {
        const span = tracer.startSpan(name, { kind, attributes: own });
        span.addEvent('event', ofEvent).end();
        const written = [span] as unknown as Parameters<typeof JsonTraceSerializer.serializeRequest>[0];
        const fromJson = decodeJson(Buffer.from(JsonTraceSerializer.serializeRequest(written) ?? []), TRACES);
        const fromProtobuf = decodeProtobuf(
          Buffer.from(ProtobufTraceSerializer.serializeRequest(written) ?? []),
          TRACES,
        );
        const [decoded] = spansOf(fromProtobuf);
        expect(decoded).toMatchObject({
          traceId: span.spanContext().traceId,
          spanId: span.spanContext().spanId,
          kind: kind + 1,
        });
        expect(spansOf(fromJson)[0]?.attributes ?? {}).toEqual(decoded?.attributes ?? {});
        expect(spansOf(fromJson)[0]?.events?.[0]?.attributes ?? {}).toEqual(decoded?.events?.[0]?.attributes ?? {});
        expect(spansOf(fromJson)[0]?.startTimeUnixNano).toEqual(decoded?.startTimeUnixNano);
      }),
    );
  });
});

describe('JSON', () => {
  test.each([
    ['hexadecimal', TRACE_ID, 'b7ad6b7169203331'],
    ['upper case', TRACE_ID.toUpperCase(), 'B7AD6B7169203331'],
    [
      'base64',
      Buffer.from(TRACE_ID, 'hex').toString('base64'),
      Buffer.from('b7ad6b7169203331', 'hex').toString('base64'),
    ],
  ])('ids in %s', (_, traceId, spanId) => {
    expect(json(tracesRequest([{ traceId, spanId }]))).toEqual([{ traceId: TRACE_ID, spanId: 'b7ad6b7169203331' }]);
  });

  test.each([
    ['an int64 as text', '{"intValue":"9007199254740991"}', 9007199254740991],
    ['an int64 as number', '{"intValue":-7}', -7],
    ['more than a number holds', '{"intValue":"9223372036854775807"}', 9223372036854775807n],
    ['2^63, which no int64 holds', '{"intValue":"9223372036854775808"}', 9223372036854775808n],
    ['an integer that is none', '{"intValue":"twelve"}', undefined],
    ['a double as text', '{"doubleValue":"NaN"}', Number.NaN],
    ['a double as number', '{"doubleValue":1e400}', Number.POSITIVE_INFINITY],
    ['bytes', '{"bytesValue":"AQID"}', Buffer.from([1, 2, 3])],
    ['nothing', '{}', undefined],
    ['no object', '"text"', undefined],
    ['a value that is not of its type', '{"stringValue":12}', undefined],
    ['an unknown variant', '{"toString":"x"}', undefined],
    ['a list', '{"arrayValue":{"values":[{"intValue":1},{}]}}', [1, undefined]],
    ['an object', '{"kvlistValue":{"values":[{"key":"a","value":{"boolValue":true}}]}}', { a: true }],
    ['CRLF in a text', '{"stringValue":"a\\r\\nb"}', 'a\r\nb'],
  ])('%s', (_, value, expected) => {
    expect(jsonSpanOf(`{"attributes":[{"key":"k","value":${value}}]}`)?.attributes).toEqual({ k: expected });
  });

  test('`__proto__` is a key as any other', () => {
    const span = jsonSpanOf(
      '{"__proto__":{"name":"x"},"attributes":[{"key":"__proto__","value":{"stringValue":"y"}}]}',
    );
    expect(span?.name).toBeUndefined();
    expect(Object.entries(span?.attributes ?? {})).toEqual([['__proto__', 'y']]);
    expect(Object.getPrototypeOf(span?.attributes)).toBe(Object.prototype);
  });

  test('a field of the wrong type reads as absent', () => {
    const wrong =
      '{"traceId":1,"name":{},"kind":"SERVER","startTimeUnixNano":"soon","attributes":{},"events":3,"status":[]}';
    expect(jsonSpanOf(wrong)).toEqual({});
    expect(json('{"resourceSpans":{}}')).toEqual([]);
    expect(json('{"resourceSpans":[1,{"scopeSpans":[null,{"spans":["text"]}]}]}')).toEqual([{}]);
  });

  test.each([
    ['no JSON', 'resourceSpans'],
    ['a number that is none', '{"resourceSpans":[{"x":NaN}]}'],
    ['cut off', '{"resourceSpans":['],
    ['a list', '[]'],
    ['nothing', ''],
    ['nested too deep', `{"resourceSpans":${'['.repeat(1000)}${']'.repeat(1000)}}`],
    ['nested deeper than any stack', '['.repeat(5_000_000)],
    ['more lists than there is memory for', `{"x":[${'[],'.repeat(2_000_000)}[]]}`],
  ])('%s is refused', (_, body) => {
    expect(() => json(body)).toThrow(MalformedBodyError);
  });

  test('brackets in a text are none', () => {
    const name = `${'['.repeat(500)}"\\`;
    expect(json(tracesRequest([{ name }]))).toEqual([{ name }]);
  });
});

/** A message with one field that holds this one. */
function wrap(field: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
}

/** The body of a request with a span of these bytes. */
const requestOf = (span: Uint8Array): Buffer => Buffer.from(wrap(1, wrap(2, wrap(2, span))));

const protobufSpan = (span: Uint8Array): SpanFields | undefined => spansOf(decodeProtobuf(requestOf(span), TRACES))[0];

/** `{key: 'k', value}` as an attribute of a span. */
const attribute = (value: Uint8Array): Uint8Array =>
  wrap(9, Buffer.concat([new BinaryWriter().tag(1, WireType.LengthDelimited).string('k').finish(), wrap(2, value)]));

function nested(depth: number): Uint8Array {
  let value: Uint8Array = new BinaryWriter().tag(2, WireType.Varint).bool(true).finish();
  for (let level = 0; level < depth; level++) value = wrap(5, wrap(1, value));
  return value;
}

describe('protobuf', () => {
  test('values', () => {
    const value = (write: (writer: BinaryWriter) => BinaryWriter): unknown =>
      protobufSpan(attribute(write(new BinaryWriter()).finish()))?.attributes?.['k'];
    expect(value((writer) => writer.tag(3, WireType.Varint).int64('-9223372036854775808'))).toBe(-9223372036854775808n);
    expect(value((writer) => writer.tag(3, WireType.Varint).int64(-5))).toBe(-5);
    expect(value((writer) => writer.tag(4, WireType.Bit64).double(Number.NaN))).toBeNaN();
    expect(value((writer) => writer.tag(7, WireType.LengthDelimited).bytes(Buffer.from('x')))).toEqual(
      Buffer.from('x'),
    );
    // A view would keep the whole body.
    const bytes = value((writer) => writer.tag(7, WireType.LengthDelimited).bytes(Buffer.from('x'))) as Buffer;
    expect(bytes.buffer.byteLength).toBe(1);
    expect(value((writer) => writer)).toBeUndefined();
    expect(protobufSpan(attribute(nested(3)))?.attributes).toEqual({ k: [[[true]]] });
  });

  test('unknown fields and fields of another type are skipped', () => {
    const span = new BinaryWriter()
      .tag(99, WireType.LengthDelimited)
      .string('new')
      .tag(5, WireType.Varint)
      .uint32(7)
      .tag(5, WireType.LengthDelimited)
      .string('name')
      .finish();
    expect(protobufSpan(span)).toEqual({ name: 'name' });
  });

  test('text that is no UTF-8 keeps what can be read', () => {
    const name = Buffer.concat([Buffer.from('before'), Buffer.from([0xff, 0xfe]), Buffer.from('after'.repeat(10))]);
    expect(protobufSpan(wrap(5, name))?.name).toBe(`before\uFFFD\uFFFD${'after'.repeat(10)}`);
  });

  const long = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]);
  test.each([
    ['a length beyond the end', Buffer.from([0x0a, 0x7f])],
    ['a length of 4 GB', long],
    ['a length of 4 GB inside', requestOf(long)],
    ['a varint without an end', Buffer.from([0x0a, 0xff])],
    ['a varint of 11 bytes', Buffer.concat([Buffer.from([0x08]), Buffer.alloc(11, 0xff)])],
    [
      'a field longer than its message',
      requestOf(Buffer.concat([wrap(5, Buffer.from('x')), Buffer.from([0x2a, 0x05])])),
    ],
    ['nested too deep', requestOf(attribute(nested(60)))],
    ['groups in groups', Buffer.alloc(1_000_000, 0x0b)],
    ['field 0', Buffer.from([0x02, 0x00])],
    ['text', Buffer.from('{"resourceSpans":[]}')],
    ['more messages than there is memory for', Buffer.from(wrap(1, Buffer.alloc(2_200_000, '\u0012\u0000')))],
  ])('%s is refused', (_, body) => {
    expect(() => decodeProtobuf(body, TRACES)).toThrow(MalformedBodyError);
  });

  test('whatever is cut off is refused or the same without its end', () => {
    const whole = requestOf(attribute(nested(2)));
    for (let end = 1; end < whole.length; end++)
      expect(() => decodeProtobuf(whole.subarray(0, end), TRACES)).toThrow(MalformedBodyError);
  });

  test('random bytes are refused or read, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const body of [Buffer.from(bytes), requestOf(bytes)]) {
          try {
            decodeProtobuf(body, TRACES);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedBodyError);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test('keyValues of the tests is what the JSON decoder takes', () => {
  const attributes = { text: 'x', list: [1, 2], object: { a: 0.5 } };
  expect(json(tracesRequest([{ attributes: keyValues(attributes) }]))[0]?.attributes).toEqual(attributes);
});
