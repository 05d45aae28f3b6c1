import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sniffFraming } from '../../src/wire/framing.ts';
import { JsonArrayParser } from '../../src/wire/json-array.ts';

function parse(chunks: readonly Uint8Array[]): unknown[] {
  const parser = new JsonArrayParser();
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()].map(({ data }) => JSON.parse(data));
}

const anyArray = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 })), {
  minLength: 1,
  maxLength: 5,
});

describe('a JSON array', () => {
  test('gives its objects however it is cut into chunks', () => {
    fc.assert(
      fc.property(
        anyArray,
        fc.constantFrom(undefined, 2),
        fc.array(fc.nat(), { maxLength: 20 }),
        (array, indent, cuts) => {
          const bytes = Buffer.from(JSON.stringify(array, undefined, indent));
          const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
          const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
          const whole = JSON.parse(bytes.toString('utf8')) as unknown[];
          expect(parse(chunks)).toEqual(whole);
          expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
        },
      ),
    );
  });

  test('that was cut gives the objects that were complete', () => {
    fc.assert(
      fc.property(anyArray, fc.nat(), (array, at) => {
        const bytes = Buffer.from(JSON.stringify(array));
        const whole = JSON.parse(bytes.toString('utf8')) as unknown[];
        const found = parse([bytes.subarray(0, at % bytes.length)]);
        expect(found).toEqual(whole.slice(0, found.length));
      }),
    );
    expect(parse([Buffer.from('[{"a":"}"}\r\n,\r\n{"b":[{}]},{"c":')])).toEqual([{ a: '}' }, { b: [{}] }]);
  });

  test('gives what is no object to nobody', () => {
    const bytes = Buffer.from('[1, "{", [{"nested": true}], null, {"a": 1}]');
    expect(parse([bytes])).toEqual([{ a: 1 }]);
    expect(parse([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([{ a: 1 }]);
  });

  test('is known by its beginning', () => {
    expect(sniffFraming(Buffer.from('[{\n "candidates": [{'))?.parser()).toBeInstanceOf(JsonArrayParser);
    expect(sniffFraming(Buffer.from('["a"]'))).toBeUndefined();
  });
});
