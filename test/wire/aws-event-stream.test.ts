import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsEventStreamParser } from '../../src/wire/aws-event-stream.ts';
import { type FramedEvent, framingOf, sniffFraming } from '../../src/wire/framing.ts';
import { eventMessage, eventStreamMessage, exceptionMessage, rawEventStreamMessage } from '../support/event-stream.ts';

function parse(chunks: readonly Uint8Array[], parser = new AwsEventStreamParser()): FramedEvent[] {
  return [...chunks.flatMap((chunk) => parser.push(chunk)), ...parser.end()];
}

const event = (name: string, payload: unknown): FramedEvent => ({ event: name, data: JSON.stringify(payload) });

const PAYLOADS = [{ text: 'Zürich 東京 🌦️' }, {}, { text: 'x'.repeat(300) }, { n: 1 }];
const EVENTS = PAYLOADS.map((payload, index) => event(`event${index}`, payload));
const MESSAGES = PAYLOADS.map((payload, index) => eventMessage(`event${index}`, payload));
const STREAM = Buffer.concat(MESSAGES);

/** A message with only a content type, from the test data of AWS's own libraries. */
const KNOWN = Buffer.from(
  '0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1',
  'hex',
);

describe('messages', () => {
  test('events, exceptions and errors have their names', () => {
    const error = { ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'Out of order' };
    expect(
      parse([
        eventMessage('chunk', { a: 1 }),
        exceptionMessage('throttlingException', 'Slow down'),
        eventStreamMessage(error, ''),
      ]),
    ).toEqual([
      event('chunk', { a: 1 }),
      event('throttlingException', { message: 'Slow down' }),
      event('InternalError', { message: 'Out of order' }),
    ]);
  });

  test('a message that another implementation framed is sound, and nameless', () => {
    const parser = new AwsEventStreamParser();
    expect(parse([KNOWN, ...MESSAGES], parser)).toEqual(EVENTS);
    expect(parser.dropped).toBe(0);
  });

  test('headers of every type are passed over', () => {
    const values: number[][] = [
      [0],
      [1],
      [2, 1],
      [3, 1, 2],
      [4, 1, 2, 3, 4],
      [5, 1, 2, 3, 4, 5, 6, 7, 8],
      [6, 0, 2, 1, 2],
    ];
    values.push([8, 1, 2, 3, 4, 5, 6, 7, 8], [9, ...Array.from({ length: 16 }, (_, index) => index)]);
    const others = values.map((value) => Buffer.from([1, 0x78, ...value]));
    expect(parse([withHeaders(Buffer.concat(others), 'named')])).toEqual([{ event: 'named', data: '{}' }]);
  });

  test.each([
    ['an unknown type', [1, 0x78, 10]],
    ['a value beyond the end', [1, 0x78, 7, 0xff, 0xff, 0x61]],
    ['a name beyond the end', [200, 0x78]],
  ])('headers with %s make a message of no use', (_, header) => {
    const parser = new AwsEventStreamParser();
    expect(parse([withHeaders(Buffer.from(header), 'named'), ...MESSAGES], parser)).toEqual(EVENTS);
    expect(parser.dropped).toBe(1);
  });
});

describe('pieces', () => {
  test('any chunks give the events of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 30 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
        expect(parse(edges.slice(1).map((edge, index) => STREAM.subarray(edges[index], edge)))).toEqual(EVENTS);
      }),
    );
    expect(parse([...STREAM].map((byte) => Uint8Array.of(byte)))).toEqual(EVENTS);
  });

  test('a stream cut at any byte gives the messages that are whole, and counts the one that is not', () => {
    const ends = MESSAGES.map((_, index) => Buffer.concat(MESSAGES.slice(0, index + 1)).length);
    for (let length = 0; length <= STREAM.length; length++) {
      const parser = new AwsEventStreamParser();
      const whole = ends.filter((end) => end <= length).length;
      expect(parse([STREAM.subarray(0, length)], parser)).toEqual(EVENTS.slice(0, whole));
      expect(parser.dropped).toBe(length === 0 || ends.includes(length) ? 0 : 1);
    }
  });
});

describe('damage', () => {
  test('a flipped bit costs the message it is in, and is counted', () => {
    for (let byte = 0; byte < STREAM.length; byte++) {
      const damaged = Buffer.from(STREAM);
      damaged[byte] = (damaged[byte] ?? 0) ^ (1 << (byte % 8));
      const parser = new AwsEventStreamParser();
      const events = parse([damaged], parser);
      expect(events).toEqual(EVENTS.filter((_, index) => !contains(index, byte)));
      expect(parser.dropped).toBe(1);
    }
  });

  test('messages are found again behind anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (noise) => {
        const parser = new AwsEventStreamParser();
        expect(parse([MESSAGES[0] as Buffer, noise, ...MESSAGES.slice(1)], parser)).toEqual(EVENTS);
        expect(parser.dropped).toBe(1);
      }),
    );
  });

  test('a length that no message has is damage, not a reason to wait', () => {
    const parser = new AwsEventStreamParser();
    const prelude = eventMessage('x', {}).subarray(0, 12);
    prelude.writeUInt32BE(0x7fff_ffff, 0);
    expect([...parser.push(prelude), ...parser.push(STREAM)]).toEqual(EVENTS);
  });

  test('no bytes make it throw', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array()), (chunks) => void parse(chunks)));
  });

  // Joined at every chunk, they would be 30 GB to copy.
  test('many small chunks of a long message are joined once', () => {
    const long = eventMessage('long', { text: 'x'.repeat(2_000_000) });
    const parser = new AwsEventStreamParser();
    let events = 0;
    for (let at = 0; at < long.length; at += 64) events += parser.push(long.subarray(at, at + 64)).length;
    expect(events).toBe(1);
  });
});

test('the framing is known by its content type, and by its look where nobody says', () => {
  const framing = framingOf('application/vnd.amazon.eventstream');
  expect(framing?.parser()).toBeInstanceOf(AwsEventStreamParser);
  expect(sniffFraming(STREAM)).toBe(framing);
  expect(sniffFraming(exceptionMessage('throttlingException', 'x'))).toBe(framing);
});

/** A message whose name stands behind other headers. */
function withHeaders(first: Buffer, name: string): Buffer {
  const plain = eventStreamMessage({ ':event-type': name }, '{}');
  const named = plain.subarray(12, 12 + plain.readUInt32BE(4));
  return rawEventStreamMessage(Buffer.concat([first, named]), '{}');
}

function contains(message: number, byte: number): boolean {
  const start = Buffer.concat(MESSAGES.slice(0, message)).length;
  return byte >= start && byte < start + (MESSAGES[message]?.length ?? 0);
}
