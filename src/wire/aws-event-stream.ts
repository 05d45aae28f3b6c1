import { crc32 } from 'node:zlib';
import type { FramedEvent, FrameParser } from './framing.ts';

/** Total length, length of the headers and the checksum of both, each four bytes. */
const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** AWS allows 24 MB in a message; those of a stream of tokens are far below. A longer one is taken for damage. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Incremental parser of `application/vnd.amazon.eventstream`. An event is named by its `:event-type`, an exception by
 * its `:exception-type`, an error by its `:error-code`; the message of an error, which has no payload, becomes one.
 *
 * Checksums are checked: a damaged message is dropped and counted in {@link AwsEventStreamParser.dropped}. Where the
 * damage hides the end of the message, what follows is searched for the next one. Holds at most one message.
 *
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export class AwsEventStreamParser implements FrameParser {
  /** Messages, or stretches between messages, that were damaged. */
  dropped = 0;

  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Bytes to wait for until there is anything to parse: joining chunks for every one that arrives would be quadratic. */
  #needed = PRELUDE_BYTES;
  /** Whether the bytes at hand belong to damage that is counted already. */
  #lost = false;

  push(chunk: Uint8Array): FramedEvent[] {
    this.#chunks.push(chunk);
    this.#length += chunk.byteLength;
    return this.#length < this.#needed ? [] : this.#parse(Buffer.concat(this.#chunks));
  }

  /** A message without its end has no checksum to trust it by. */
  end(): FramedEvent[] {
    if (this.#length > 0 && !this.#lost) this.dropped++;
    this.#keep(Buffer.alloc(0), PRELUDE_BYTES);
    return [];
  }

  #parse(bytes: Buffer): FramedEvent[] {
    const events: FramedEvent[] = [];
    let start = 0;
    let needed = PRELUDE_BYTES;
    while (bytes.length - start >= PRELUDE_BYTES) {
      if (!isPrelude(bytes, start)) {
        this.#lose();
        start++;
        continue;
      }
      const end = start + bytes.readUInt32BE(start);
      if (end > bytes.length) {
        needed = end - start;
        break;
      }
      const event = readMessage(bytes.subarray(start, end));
      if (event) events.push(event);
      this.#lost = false;
      if (event === undefined) this.dropped++;
      start = end;
    }
    this.#keep(bytes.subarray(start), needed);
    return events;
  }

  #lose(): void {
    if (!this.#lost) this.dropped++;
    this.#lost = true;
  }

  #keep(rest: Buffer, needed: number): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    this.#needed = needed;
  }
}

function isPrelude(bytes: Buffer, start: number): boolean {
  const length = bytes.readUInt32BE(start);
  const headersLength = bytes.readUInt32BE(start + 4);
  return (
    length <= MAX_MESSAGE_BYTES &&
    length >= PRELUDE_BYTES + headersLength + CHECKSUM_BYTES &&
    crc32(bytes.subarray(start, start + 8)) === bytes.readUInt32BE(start + 8)
  );
}

/** The event of one message; `undefined` for a damaged one, `null` for one without a name. */
function readMessage(message: Buffer): FramedEvent | null | undefined {
  const payloadEnd = message.length - CHECKSUM_BYTES;
  if (crc32(message.subarray(0, payloadEnd)) !== message.readUInt32BE(payloadEnd)) return undefined;
  const payloadStart = PRELUDE_BYTES + message.readUInt32BE(4);
  const headers = readHeaders(message.subarray(PRELUDE_BYTES, payloadStart));
  if (!headers) return undefined;
  const event = NAMES.map((name) => headers.get(name)).find((name) => name !== undefined);
  if (event === undefined) return null;
  const payload = message.toString('utf8', payloadStart, payloadEnd);
  return { event, data: payload || JSON.stringify({ message: headers.get(':error-message') }) };
}

/** Where a message has its name, by its `:message-type`: event, exception or error. */
const NAMES = [':event-type', ':exception-type', ':error-code'] as const;

const STRING = 7;
/** Bytes of a value by its type: booleans, byte, short, integer, long, byte array, string, timestamp, UUID. */
const VALUE_BYTES: readonly (number | 'prefixed')[] = [0, 0, 1, 2, 4, 8, 'prefixed', 'prefixed', 8, 16];

/** The headers that are strings, which all those are that say what a message is. */
function readHeaders(bytes: Buffer): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  let at = 0;
  while (at < bytes.length) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const type = bytes[nameEnd] ?? -1;
    let value = nameEnd + 1;
    let length = VALUE_BYTES[type];
    if (length === 'prefixed') {
      length = value + 2 <= bytes.length ? bytes.readUInt16BE(value) : undefined;
      value += 2;
    }
    if (length === undefined || value + length > bytes.length) return undefined;
    if (type === STRING)
      headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', value, value + length));
    at = value + length;
  }
  return headers;
}
