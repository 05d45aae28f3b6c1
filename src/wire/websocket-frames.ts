import type { InflateContext } from './websocket-inflate.ts';

/** One data message of a WebSocket, or the frame that closes it. */
export type WebSocketMessage = { data: Uint8Array } | { close: WebSocketClose };

export interface WebSocketClose {
  /** 1005 where the frame states none. */
  code: number;
  reason: string;
}

/** Bytes of one message. The longest we know carry a whole response, or a large piece of audio or video. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const CLOSE = 0x8;
const CONTINUATION = 0x0;

interface Frame {
  isFinal: boolean;
  isCompressed: boolean;
  opcode: number;
  payload: Uint8Array;
}

/**
 * Takes one direction of a WebSocket apart into its messages, whoever sent it: any split into chunks gives the same
 * messages. Holds at most one message and one frame, of bounded length.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5
 */
export class WebSocketFrameReader {
  /** Messages that were too long to keep or could not be decompressed. */
  dropped = 0;

  readonly #inflate: InflateContext | undefined;
  readonly #maxMessageBytes: number;
  /** Bytes of a frame that has not arrived whole. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Bytes without which the next frame cannot be read: joining them earlier would be work done twice. */
  #needed = 2;
  /** Payload still to be thrown away, of a frame too long to keep. */
  #skip = 0;
  #fragments: Uint8Array[] = [];
  #fragmentBytes = 0;
  #isCompressed = false;
  /** The message under way is too long to keep. */
  #isTooLong = false;

  /**
   * @param inflate of the direction that is read, if `permessage-deflate` was agreed on.
   * @param maxMessageBytes bytes of one message that are kept. A longer one is dropped and counted.
   */
  constructor(inflate?: InflateContext, maxMessageBytes: number = MAX_MESSAGE_BYTES) {
    this.#inflate = inflate;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** The messages that this chunk completes. */
  push(chunk: Uint8Array): WebSocketMessage[] {
    const messages: WebSocketMessage[] = [];
    this.#keep(chunk);
    while (this.#pendingBytes >= this.#needed) {
      const frame = this.#takeFrame();
      const message = frame && this.#add(frame);
      if (message) messages.push(message);
    }
    return messages;
  }

  #keep(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skip, chunk.byteLength);
    this.#skip -= skipped;
    if (skipped === chunk.byteLength) return;
    this.#pending.push(skipped === 0 ? chunk : chunk.subarray(skipped));
    this.#pendingBytes += chunk.byteLength - skipped;
  }

  /** The first frame, if all of it is there; else what is needed for it is known afterwards. */
  #takeFrame(): Frame | undefined {
    const bytes = joined(this.#pending);
    this.#pending = [bytes];
    const header = readHeader(bytes);
    const { headerLength, payloadLength } = header;
    const isTooLong = payloadLength > this.#maxMessageBytes;
    this.#needed = headerLength + (isTooLong ? 0 : payloadLength);
    if (bytes.length < this.#needed) return undefined;
    const end = Math.min(headerLength + payloadLength, bytes.length);
    const payload = isTooLong ? new Uint8Array() : unmask(bytes, header);
    if (isTooLong) {
      this.#skip = headerLength + payloadLength - end;
      this.#isTooLong = true;
    }
    this.#pending = [bytes.subarray(end)];
    this.#pendingBytes = bytes.length - end;
    this.#needed = 2;
    return { ...header, payload };
  }

  #add({ isFinal, isCompressed, opcode, payload }: Frame): WebSocketMessage | undefined {
    if (opcode === CLOSE) return { close: readClose(payload) };
    // Other control frames say nothing and may stand between the fragments of a message.
    if (opcode > CLOSE) return undefined;
    if (opcode !== CONTINUATION) this.#isCompressed = isCompressed;
    this.#fragmentBytes += payload.byteLength;
    if (this.#fragmentBytes > this.#maxMessageBytes) this.#isTooLong = true;
    if (this.#isTooLong) this.#fragments = [];
    else this.#fragments.push(payload);
    return isFinal ? this.#takeMessage() : undefined;
  }

  #takeMessage(): WebSocketMessage | undefined {
    const data = this.#isTooLong ? undefined : this.#decode(Buffer.concat(this.#fragments));
    if (this.#isTooLong && this.#isCompressed) this.#inflate?.lose();
    this.#fragments = [];
    this.#fragmentBytes = 0;
    this.#isTooLong = false;
    if (data) return { data };
    this.dropped++;
    return undefined;
  }

  #decode(data: Uint8Array): Uint8Array | undefined {
    return this.#isCompressed ? this.#inflate?.decode(data, this.#maxMessageBytes) : data;
  }
}

/** One chunk often has many frames, which are not worth a copy each. */
function joined(chunks: readonly Uint8Array[]): Buffer {
  const [only] = chunks;
  if (!only || chunks.length > 1) return Buffer.concat(chunks);
  return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
}

interface FrameHeader extends Omit<Frame, 'payload'> {
  /** As far as it can be told: without the whole header, what is needed to read on. */
  headerLength: number;
  payloadLength: number;
  isMasked: boolean;
}

function readHeader(bytes: Buffer): FrameHeader {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const headerLength = 2 + lengthBytes + (isMasked ? 4 : 0);
  const isWhole = bytes.length >= headerLength;
  return {
    isFinal: (first & 0x80) !== 0,
    isCompressed: (first & 0x40) !== 0,
    opcode: first & 0x0f,
    isMasked,
    headerLength,
    payloadLength: isWhole ? readLength(bytes, short) : 0,
  };
}

function readLength(bytes: Buffer, short: number): number {
  if (short === 126) return bytes.readUInt16BE(2);
  return short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
}

/** The payload. Unmasked into memory of its own: the bytes belong to the app. */
function unmask(bytes: Buffer, { headerLength, payloadLength, isMasked }: FrameHeader): Uint8Array {
  const payload = bytes.subarray(headerLength, headerLength + payloadLength);
  if (!isMasked) return payload;
  const mask = bytes.subarray(headerLength - 4, headerLength);
  const plain = Buffer.allocUnsafe(payload.length);
  for (let index = 0; index < payload.length; index++) {
    plain[index] = (payload[index] as number) ^ (mask[index & 3] as number);
  }
  return plain;
}

const NO_STATUS = 1005;

function readClose(payload: Uint8Array): WebSocketClose {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (bytes.length < 2) return { code: NO_STATUS, reason: '' };
  return { code: bytes.readUInt16BE(0), reason: bytes.toString('utf8', 2) };
}
