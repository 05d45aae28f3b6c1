import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WebSocketFrameReader, type WebSocketMessage } from '../../src/wire/websocket-frames.ts';
import { inflateContexts } from '../../src/wire/websocket-inflate.ts';

const TEXT = 0x1;
const PING = 0x9;
const CLOSE = 0x8;

interface FrameOptions {
  opcode?: number;
  isFinal?: boolean;
  isCompressed?: boolean;
  mask?: Buffer | undefined;
}

/** A frame as RFC 6455 has it, written apart from the reader. */
function frame(
  payload: Buffer,
  { opcode = TEXT, isFinal = true, isCompressed = false, mask }: FrameOptions = {},
): Buffer {
  const { length } = payload;
  const first = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode;
  const maskBit = mask ? 0x80 : 0;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = maskBit | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (header.length === 4) header.writeUInt16BE(length, 2);
  if (header.length === 10) header.writeBigUInt64BE(BigInt(length), 2);
  const body = mask ? Buffer.from(payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))) : payload;
  return Buffer.concat([header, ...(mask ? [mask] : []), body]);
}

function readAll(reader: WebSocketFrameReader, chunks: readonly Buffer[]): WebSocketMessage[] {
  return chunks.flatMap((chunk) => reader.push(chunk));
}

function texts(messages: readonly WebSocketMessage[]): string[] {
  return messages.map((message) => ('data' in message ? Buffer.from(message.data).toString('utf8') : 'close'));
}

function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

/** Compresses as one side of a connection does: each message may refer to those before it. */
async function deflateAll(messages: readonly string[]): Promise<Buffer[]> {
  const deflate = createDeflateRaw();
  const compressed: Buffer[] = [];
  for (const message of messages) {
    const chunks: Buffer[] = [];
    const keep = (chunk: Buffer): void => void chunks.push(chunk);
    deflate.on('data', keep);
    await new Promise<void>((resolve) => {
      deflate.write(message);
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve());
    });
    deflate.off('data', keep);
    compressed.push(Buffer.concat(chunks).subarray(0, -4));
  }
  deflate.close();
  return compressed;
}

const mask = fc.option(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  {
    nil: undefined,
  },
);

describe('frames', () => {
  test('any messages, masked or not, in any fragments and any chunks, are read as they were sent', () => {
    const message = fc.record({
      text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 120, maxLength: 130 })),
      cuts: fc.array(fc.nat(), { maxLength: 3 }),
      mask,
      ping: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(), { maxLength: 30 }), (messages, cuts) => {
        const bytes = messages.flatMap(({ text, cuts: fragmentCuts, mask: key, ping }) => {
          const fragments = splitAt(Buffer.from(text), fragmentCuts);
          return fragments.flatMap((fragment, index) => [
            frame(fragment, { opcode: index === 0 ? TEXT : 0, isFinal: index === fragments.length - 1, mask: key }),
            ...(ping ? [frame(Buffer.from('?'), { opcode: PING, mask: key })] : []),
          ]);
        });
        const reader = new WebSocketFrameReader();
        const read = readAll(reader, splitAt(Buffer.concat(bytes), cuts));
        expect(texts(read)).toEqual(messages.map(({ text }) => text));
        expect(reader.dropped).toBe(0);
      }),
    );
  });

  test.each([0, 125, 126, 65_535, 65_536, 200_000])(
    'a message of %i bytes arrives byte by byte or at once',
    (length) => {
      const bytes = frame(Buffer.alloc(length, 'x'), { mask: Buffer.from([1, 2, 3, 4]) });
      const whole = texts(new WebSocketFrameReader().push(bytes));
      expect(whole).toEqual(['x'.repeat(length)]);
      const few = [bytes.subarray(0, 1), bytes.subarray(1, 9), bytes.subarray(9, 15), bytes.subarray(15)];
      expect(texts(readAll(new WebSocketFrameReader(), few))).toEqual(whole);
    },
  );

  test('a close says why', () => {
    const payload = Buffer.concat([Buffer.from([0x0f, 0xa1]), Buffer.from('session expired')]);
    const read = readAll(new WebSocketFrameReader(), [
      frame(payload, { opcode: CLOSE }),
      frame(Buffer.alloc(0), { opcode: CLOSE }),
    ]);
    expect(read).toEqual([{ close: { code: 4001, reason: 'session expired' } }, { close: { code: 1005, reason: '' } }]);
  });

  test('a message that is too long is dropped, in one frame or in many, and the next is read', () => {
    for (const length of [101, 70_000]) {
      const long = Buffer.alloc(length, 'x');
      const fragments = splitAt(long, [30, 60, 90]).map((part, index) =>
        frame(part, { opcode: index === 0 ? TEXT : 0, isFinal: index === 3 }),
      );
      for (const sent of [[frame(long)], fragments]) {
        const reader = new WebSocketFrameReader(undefined, 100);
        const bytes = Buffer.concat([...sent, frame(Buffer.from('next'))]);
        const chunks = splitAt(
          bytes,
          [...bytes.keys()].filter((index) => index % 37 === 0),
        );
        expect(texts(readAll(reader, chunks))).toEqual(['next']);
        expect(reader.dropped).toBe(1);
      }
    }
  });

  test('nothing makes it throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (chunks) => {
        const { server } = inflateContexts('permessage-deflate');
        readAll(
          new WebSocketFrameReader(server, 1000),
          chunks.map((chunk) => Buffer.from(chunk)),
        );
      }),
    );
  });
});

describe('compression', () => {
  const words = Array.from(
    { length: 40 },
    (_, index) => `{"type":"response.output_text.delta","delta":"${index % 7}"}`,
  );
  const long = `{"audio":"${Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 1000).join('')}"}`;
  const messages = [...words, long, ...words, long.slice(0, 40_000), ...words];

  test('messages that refer to those before them are read', async () => {
    const { server } = inflateContexts('permessage-deflate; client_max_window_bits=15');
    const reader = new WebSocketFrameReader(server);
    const frames = (await deflateAll(messages)).map((payload) => frame(payload, { isCompressed: true }));
    expect(texts(readAll(reader, frames))).toEqual(messages);
  });

  test('messages that stand alone are read, beside messages that are not compressed', () => {
    const { client, server } = inflateContexts(
      'permessage-deflate; client_no_context_takeover;server_no_context_takeover',
    );
    for (const context of [client, server]) {
      const frames = messages.map((text, index) => {
        const compressed = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
        return index % 3 === 0 ? frame(Buffer.from(text)) : frame(compressed, { isCompressed: true });
      });
      expect(texts(readAll(new WebSocketFrameReader(context), frames))).toEqual(messages);
    }
  });

  test('after one that cannot be read, those that may refer to it are dropped, and those that stand alone are read', async () => {
    const damaged = frame(Buffer.from([0x07, 0xff, 0xff]), { isCompressed: true });
    const compressed = await deflateAll(words);
    const frames = compressed.map((payload) => frame(payload, { isCompressed: true }));
    const keeping = new WebSocketFrameReader(inflateContexts('permessage-deflate').server);
    expect(texts(readAll(keeping, [frames[0] as Buffer, damaged, ...frames.slice(1)]))).toEqual([words[0]]);
    expect(keeping.dropped).toBe(words.length);
    const alone = new WebSocketFrameReader(inflateContexts('permessage-deflate; server_no_context_takeover').server);
    expect(texts(readAll(alone, [damaged, frames[0] as Buffer]))).toEqual([words[0]]);
  });

  test('a message that unpacks to more than is kept is dropped', () => {
    const bomb = deflateRawSync(Buffer.alloc(1_000_000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const reader = new WebSocketFrameReader(inflateContexts('permessage-deflate').server, 10_000);
    expect(reader.push(frame(bomb, { isCompressed: true }))).toEqual([]);
    expect(reader.dropped).toBe(1);
  });

  test('no agreement, no compression', () => {
    expect(inflateContexts(undefined)).toEqual({});
    expect(inflateContexts('x-other')).toEqual({});
  });
});
