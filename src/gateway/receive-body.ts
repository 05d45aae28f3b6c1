import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate, type Gunzip, type Inflate } from 'node:zlib';
import type { BytesInFlight } from '../server/bytes-in-flight.ts';
import { HttpError } from './http-reply.ts';

/** A body as it was sent, and what it says. */
export interface ReceivedBody {
  content: Buffer;
  original: Buffer;
}

const DECOMPRESSORS: ReadonlyMap<string, () => Gunzip | Inflate> = new Map([
  ['gzip', createGunzip],
  ['deflate', createInflate],
]);

/**
 * Receives a body and gives it to `use`; until that is done, its bytes count as in flight. It is cut off as soon as it is
 * too large, as sent or as unpacked.
 * @throws {HttpError} 413, 415, 503 or 400
 */
export async function withBody<T>(
  request: IncomingMessage,
  maxBytes: number,
  inFlight: BytesInFlight,
  use: (body: ReceivedBody) => Promise<T>,
): Promise<T> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const decompressor = DECOMPRESSORS.get(encoding);
  if (!decompressor && encoding !== 'identity')
    throw new HttpError(415, `content-encoding ${JSON.stringify(encoding)}: send gzip, deflate or none`);
  const tooLarge = new HttpError(413, `the body is larger than ${maxBytes} bytes: send smaller batches`);
  if (Number(request.headers['content-length']) > maxBytes) throw tooLarge;
  let held = 0;
  const taker = (): { chunks: Buffer[]; take(chunk: Buffer): void } => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge;
      if (!inFlight.take(chunk.length)) throw new HttpError(503, 'too much is being received at the moment', 1);
      held += chunk.length;
      chunks.push(chunk);
    };
    return { chunks, take };
  };
  try {
    const sent = taker();
    await receive(request, sent.take);
    const original = Buffer.concat(sent.chunks);
    if (!decompressor) return await use({ content: original, original });
    const unpacked = taker();
    await unpack(original, decompressor(), unpacked.take);
    return await use({ content: Buffer.concat(unpacked.chunks), original });
  } finally {
    inFlight.release(held);
  }
}

/** Not by iteration: that would end the connection with the first error, before it could be answered. */
function receive(request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        request.removeAllListeners('data').pause();
        reject(error);
      }
    });
    request.on('end', resolve);
    // Nobody hears it, but it is no error of ours.
    for (const event of ['error', 'close'])
      request.on(event, () => reject(new HttpError(400, 'the body is not complete')));
  });
}

async function unpack(packed: Buffer, decompressor: Gunzip | Inflate, take: (chunk: Buffer) => void): Promise<void> {
  decompressor.end(packed);
  try {
    for await (const chunk of decompressor as AsyncIterable<Buffer>) take(chunk);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, 'the body is not compressed as its content-encoding says');
  }
}
