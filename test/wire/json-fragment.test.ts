import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastObjectOf } from '../../src/wire/json-fragment.ts';

describe('the last object of a key in the end of a JSON text', () => {
  const cases: [name: string, text: string, expected: object | undefined][] = [
    ['at the end', 'lost text"}],"usage":{"input_tokens":3}}', { input_tokens: 3 }],
    ['with spaces and more after it', '"x"],\n  "usage" : {"a": {"b": 1}},\n "id": "1"}', { a: { b: 1 } }],
    ['the last of two', '"usage":{"a":1},"usage":{"a":2}}', { a: 2 }],
    ['braces and quotes in its strings', '"usage":{"a":"}\\"{"},"z":1}', { a: '}"{' }],
    ['not one quoted inside a text', '"usage":{"a":1},"text":"say \\"usage\\":{\\"a\\":2}"}', { a: 1 }],
    ['not a value that is no object', '"usage":{"a":1},"x":{"usage":null}}', { a: 1 }],
    ['not one that is cut', '"usage":{"a":1},"usage":{"a":', { a: 1 }],
    ['none', '{"id":1}', undefined],
    ['nothing', '', undefined],
  ];
  test.each(cases)('%s', (_name, text, expected) => {
    expect(lastObjectOf(text, 'usage')).toEqual(expected);
  });

  test('is found in the end of any JSON text, wherever that is cut', () => {
    fc.assert(
      fc.property(fc.json(), fc.dictionary(fc.string(), fc.nat()), fc.nat(), (before, usage, cut) => {
        const text = JSON.stringify({ before, usage });
        const start = Math.min(cut, text.lastIndexOf('"usage":{'));
        expect(lastObjectOf(text.slice(start), 'usage')).toEqual(usage);
      }),
    );
  });

  test('hostile text takes linear time', () => {
    const started = performance.now();
    expect(lastObjectOf('"usage":{'.repeat(100_000), 'usage')).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
