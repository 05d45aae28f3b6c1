import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FramedEvent } from '../../src/wire/framing.ts';
import { framingOf, sniffFraming } from '../../src/wire/framing.ts';
import { NdjsonParser } from '../../src/wire/ndjson.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(text: string | Uint8Array, chunkSize = Infinity): FramedEvent[] {
  const all = typeof text === 'string' ? bytes(text) : text;
  const parser = new NdjsonParser();
  const events: FramedEvent[] = [];
  for (let start = 0; start < all.length; start += chunkSize)
    events.push(...parser.push(all.subarray(start, Math.min(all.length, start + chunkSize))));
  return [...events, ...parser.end()];
}

describe('lines', () => {
  const cases: [name: string, text: string, lines: string[]][] = [
    ['one', '{"a":1}\n', ['{"a":1}']],
    ['several', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['the last without its newline', '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
    ['empty ones between', '\n{"a":1}\n\n  \n{"a":2}\n\n', ['{"a":1}', '{"a":2}']],
    ['characters of several bytes', '{"a":"Zürich 東京 🌦️"}\n', ['{"a":"Zürich 東京 🌦️"}']],
    ['an escaped newline', '{"a":"b\\nc"}\n', ['{"a":"b\\nc"}']],
    ['nothing', '', []],
  ];

  test.each(cases)('%s', (_name, text, lines) => {
    expect(parse(text)).toEqual(lines.map((data) => ({ data })));
  });

  test.each(cases)('%s, byte by byte', (_name, text, lines) => {
    expect(parse(text, 1)).toEqual(lines.map((data) => ({ data })));
  });

  test('that end in CRLF read as the same JSON', () => {
    expect(parse('{"a":1}\r\n{"a":2}\r\n').map(({ data }) => JSON.parse(data))).toEqual([{ a: 1 }, { a: 2 }]);
  });
});

test('any values in any chunks come back as they were', () => {
  const chunkSize = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 12 }), chunkSize, (values, size) => {
      const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
      expect(parse(text, size)).toEqual(values.map((value) => ({ data: JSON.stringify(value) })));
    }),
  );
});

test('any bytes in any chunks give the lines of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (noise, size) => {
      const withLines = noise.map((byte) => (byte > 200 ? 0x0a : byte));
      expect(parse(withLines, size)).toEqual(parse(withLines));
    }),
  );
});

describe('bounds', () => {
  const LIMIT = 16 * 1024 * 1024;

  test('a line above the limit is dropped, the next one is read', () => {
    const parser = new NdjsonParser();
    const chunk = bytes('x'.repeat(1024 * 1024));
    for (let sent = 0; sent <= LIMIT; sent += chunk.length) expect(parser.push(chunk)).toEqual([]);
    expect(parser.push(bytes('\n{"a":1}\n'))).toEqual([{ data: '{"a":1}' }]);
    expect(parser.end()).toEqual([]);
  });

  test('a line in many chunks takes linear time', () => {
    const started = performance.now();
    const [event] = parse(`"${'x'.repeat(2_000_000)}"\n`, 100);
    expect(event?.data).toHaveLength(2_000_002);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('the framing', () => {
  test.each(['application/x-ndjson', 'application/stream+json', 'application/jsonl; charset=utf-8'])(
    'of %s',
    (type) => {
      expect(framingOf(type)?.parser()).toBeInstanceOf(NdjsonParser);
    },
  );

  test('is recognised where the content type says nothing, but not in one JSON value', () => {
    expect(sniffFraming(bytes('{"done":false}\n{"done":true}\n'))?.parser()).toBeInstanceOf(NdjsonParser);
    expect(sniffFraming(bytes('{"done":true}\n'))).toBeUndefined();
    expect(sniffFraming(bytes('{\n  "done": true\n}'))).toBeUndefined();
  });
});
