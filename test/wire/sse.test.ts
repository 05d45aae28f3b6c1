import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SseEvent, SseParser } from '../../src/wire/sse.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parse(text: string | Uint8Array, chunkSize = Infinity, parser: SseParser = new SseParser()): SseEvent[] {
  const all = typeof text === 'string' ? bytes(text) : text;
  const events: SseEvent[] = [];
  for (let start = 0; start < all.length; start += chunkSize)
    events.push(...parser.push(all.subarray(start, Math.min(all.length, start + chunkSize))));
  return [...events, ...parser.end()];
}

describe('events', () => {
  const cases: [name: string, text: string, events: SseEvent[]][] = [
    [
      'a JSON object without field names',
      'data: 1\n\n{\n  "data": {"a": 1}\n}\n\n',
      [{ data: '1' }, { data: '{\n  "data": {"a": 1}\n}' }],
    ],
    ['a field that is no field', 'data: 1\n{"a": 1}\n\n', [{ data: '1' }]],
    ['data and a name', 'event: ping\ndata: {}\n\n', [{ event: 'ping', data: '{}' }]],
    ['no space after the colon', 'data:x\n\n', [{ data: 'x' }]],
    ['only the first space is dropped', 'data:  x\n\n', [{ data: ' x' }]],
    ['several data lines', 'data: a\ndata\ndata: b\n\n', [{ data: 'a\n\nb' }]],
    ['a comment', ': keep-alive\n\ndata: x\n\n', [{ data: 'x' }]],
    ['fields of no use here', 'id: 1\nretry: 5\ndatum: y\neventual: z\ndata: x\n\n', [{ data: 'x' }]],
    ['a name without data', 'event: ping\n\ndata: x\n\n', [{ data: 'x' }]],
    ['a byte order mark', '\uFEFFdata: x\n\n', [{ data: 'x' }]],
    ['CRLF', 'event: a\r\ndata: x\r\n\r\ndata: y\r\n\r\n', [{ event: 'a', data: 'x' }, { data: 'y' }]],
    ['CR', 'data: x\r\rdata: y\r\r', [{ data: 'x' }, { data: 'y' }]],
    ['mixed line ends', 'data: x\r\n\ndata: y\n\r\ndata: z\r\r\n', [{ data: 'x' }, { data: 'y' }, { data: 'z' }]],
    ['an end without a blank line', 'data: x\n\ndata: y', [{ data: 'x' }, { data: 'y' }]],
    ['the marker some APIs end with', 'data: {}\n\ndata: [DONE]\n\n', [{ data: '{}' }, { data: '[DONE]' }]],
    ['characters of several bytes', 'data: Zürich 東京 🌦️\n\n', [{ data: 'Zürich 東京 🌦️' }]],
    ['nothing', '', []],
  ];

  test.each(cases)('%s', (_name, text, events) => {
    expect(parse(text)).toEqual(events);
  });

  test.each(cases)('%s, byte by byte', (_name, text, events) => {
    expect(parse(text, 1)).toEqual(events);
  });
});

test('any text in any chunks gives the events of the whole', () => {
  const line = fc.oneof(
    fc.constantFrom('', 'data', 'data:', 'event: e', ': c', 'data: ü🌦️', '{', '  "a": 1', '}'),
    fc.string({ unit: 'grapheme' }).map((text) => `data: ${text}`),
  );
  const text = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')))
    .map((lines) => lines.map(([content, end]) => content + end).join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 9 }), (whole, chunkSize) => {
      expect(parse(whole, chunkSize)).toEqual(parse(whole));
    }),
  );
});

describe('bounds', () => {
  test.each([
    ['one line', `data: ${'x'.repeat(200)}\n\n`],
    ['many lines', `${'data: xxxxxxxxx\n'.repeat(20)}\n`],
  ])('an event of %s above the limit is dropped and counted, the next one is read', (_name, long) => {
    const parser = new SseParser(100);
    expect(parse(`${long}data: ok\n\n`, 7, parser)).toEqual([{ data: 'ok' }]);
    expect(parser.dropped).toBe(1);
  });

  test('a line in many chunks takes linear time', () => {
    const started = performance.now();
    const [event] = parse(`data: ${'x'.repeat(2_000_000)}\n\n`, 100);
    expect(event?.data).toHaveLength(2_000_000);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
