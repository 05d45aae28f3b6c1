import type { Context, Span } from '@opentelemetry/api';
import type { LlmContext } from '../context/llm-context.ts';
import type { CallError } from '../model/llm-call.ts';
import type {
  SessionFacts,
  SessionMessage,
  SessionProtocol,
  SessionReader,
  Turn,
} from '../protocol/session/session-protocol.ts';
import { guard } from '../util/guard.ts';
import { asObject, defined, parseJson } from '../util/json-read.ts';
import { type WebSocketClose, WebSocketFrameReader, type WebSocketMessage } from '../wire/websocket-frames.ts';
import { type Handshake, HandshakeReader } from '../wire/websocket-handshake.ts';
import { inflateContexts } from '../wire/websocket-inflate.ts';
import type { RequestUrl } from './exchange.ts';
import { errorMessage, errorType } from './outcome.ts';
import type { SocketObserver } from './socket-tap.ts';

/** Bytes that may wait to be read: above this they are read at once. */
const MAX_WAITING_BYTES = 256 * 1024;

export type SessionUrl = RequestUrl & Pick<SessionFacts, 'query'>;

/** What a session tells its owner. */
export interface SessionEvents {
  /** There is something to read. */
  onBytes(session: Session): void;
  /** It is over: only the first call counts. */
  onEnd(session: Session): void;
  /** The values that hold where the app sends. */
  currentValues(): LlmContext | undefined;
}

interface Chunk {
  isSent: boolean;
  bytes: Uint8Array;
  at: number;
  values: LlmContext | undefined;
}

/**
 * A WebSocket to an LLM API while it is open. It takes references to the bytes in both directions; {@link Session.read}
 * makes turns of them, later. The handshake is read from the bytes as well, so that it does not matter who made it.
 */
export class Session implements SocketObserver {
  readonly protocol: SessionProtocol;
  readonly url: SessionUrl;
  readonly span: Span;
  /** With the session's span in it, for the spans of its turns. */
  readonly context: Context;
  readonly reader: SessionReader;
  endedAt = 0;
  isOpen = true;

  readonly #events: SessionEvents;
  /** One for all times of a session: a clock asked again differs by a millisecond, and turns would leave their session. */
  readonly #epoch: number = Date.now() - performance.now();
  #chunks: Chunk[] = [];
  #waitingBytes = 0;
  readonly #handshakeReader = new HandshakeReader();
  #frames: { sent: WebSocketFrameReader; received: WebSocketFrameReader } | undefined;
  readonly #values = new WeakMap<SessionMessage, LlmContext>();
  #status: number | undefined;
  #close: WebSocketClose | undefined;
  #error: unknown;
  #isEndReceived = false;

  constructor(
    start: Pick<Session, 'protocol' | 'url' | 'span' | 'context'>,
    maxTextLength: number,
    events: SessionEvents,
  ) {
    this.protocol = start.protocol;
    this.url = start.url;
    this.span = start.span;
    this.context = start.context;
    this.reader = start.protocol.reader(start.url, maxTextLength);
    this.#events = events;
  }

  sent(bytes: Uint8Array): void {
    this.#keep({ isSent: true, bytes, at: performance.now(), values: this.#events.currentValues() });
  }

  received(bytes: Uint8Array): void {
    this.#keep({ isSent: false, bytes, at: performance.now(), values: undefined });
  }

  ended(): void {
    this.#isEndReceived = true;
  }

  failed(error: unknown): void {
    if (!this.isOpen) return;
    this.#error = error;
    this.closed();
  }

  closed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.endedAt = performance.now();
    this.#events.onEnd(this);
  }

  /** The turns that have ended in what has arrived; all there are once the session is over. */
  read(): Turn[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#waitingBytes = 0;
    const turns = chunks.flatMap((chunk) => this.#readChunk(chunk));
    return this.isOpen ? turns : [...turns, ...this.reader.end(this.endedAt)];
  }

  /** A time of a message as milliseconds since the Unix epoch. */
  timeOf(at: number): number {
    return this.#epoch + at;
  }

  /** The values that held where the app asked for a turn. */
  valuesOf({ asked }: Turn): LlmContext | undefined {
    return asked && this.#values.get(asked);
  }

  /** What went wrong with the connection, if anything did. An app may close it, or drop it, as it likes. */
  get error(): CallError | undefined {
    if (this.#status !== undefined && this.#status !== SWITCHING_PROTOCOLS) {
      return { type: String(this.#status), status: this.#status };
    }
    if (this.#close) return closeError(this.#close);
    if (this.#error !== undefined)
      return { type: errorType(this.#error), ...defined({ message: errorMessage(this.#error) }) };
    return this.#isEndReceived
      ? { type: ABNORMAL_CLOSURE, message: 'The connection ended without being closed.' }
      : undefined;
  }

  /** Messages that were too long to be read, or damaged. */
  get dropped(): number {
    return this.#frames ? this.#frames.sent.dropped + this.#frames.received.dropped : 0;
  }

  /** Whether so much waits to be read that it should be at once. */
  get isFull(): boolean {
    return this.#waitingBytes > MAX_WAITING_BYTES;
  }

  #keep(chunk: Chunk): void {
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.bytes.byteLength;
    this.#events.onBytes(this);
  }

  #readChunk(chunk: Chunk): Turn[] {
    if (this.#frames) {
      const frames = chunk.isSent ? this.#frames.sent : this.#frames.received;
      return frames.push(chunk.bytes).flatMap((message) => this.#readMessage(message, chunk));
    }
    // Until the server has agreed, what is sent is HTTP.
    const handshake = chunk.isSent ? undefined : this.#handshakeReader.push(chunk.bytes);
    if (!handshake) return [];
    this.#agree(handshake);
    return this.#frames ? this.#readChunk({ ...chunk, bytes: handshake.rest }) : [];
  }

  #agree({ status, headers }: Handshake): void {
    this.#status = status;
    if (status !== SWITCHING_PROTOCOLS) return;
    const { client, server } = inflateContexts(headers.get('sec-websocket-extensions'));
    this.#frames = { sent: new WebSocketFrameReader(client), received: new WebSocketFrameReader(server) };
  }

  #readMessage(message: WebSocketMessage, { isSent, at, values }: Chunk): Turn[] {
    if ('close' in message) {
      // The first is the one that says why; the other side repeats it.
      this.#close ??= isSent ? CLOSED_BY_THE_APP : message.close;
      return [];
    }
    const { data: bytes } = message;
    const data = asObject(parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')));
    if (!data) return [];
    const parsed: SessionMessage = { at, data };
    if (values) this.#values.set(parsed, values);
    // Whatever one message does to the reader, the turns of the others are written.
    return guard('session message', () => (isSent ? this.reader.sent(parsed) : this.reader.received(parsed))) ?? [];
  }
}

const SWITCHING_PROTOCOLS = 101;

/**
 * Codes of a close that nobody has to look into: done, going away, no reason given.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
 */
const REGULAR_CODES = new Set([1000, 1001, 1005]);
/** An app may give any reason it likes. */
const CLOSED_BY_THE_APP: WebSocketClose = { code: 1000, reason: '' };
/** What the standard has for a connection that ended without a close. */
const ABNORMAL_CLOSURE = '1006';

function closeError({ code, reason }: WebSocketClose): CallError | undefined {
  if (REGULAR_CODES.has(code)) return undefined;
  return { type: String(code), ...(reason !== '' && { message: reason }) };
}
