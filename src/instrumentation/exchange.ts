import type { Context, Span } from '@opentelemetry/api';
import type { LlmCall } from '../model/llm-call.ts';
import type { ExchangeFacts, Protocol } from '../protocol/protocol.ts';
import { guard } from '../util/guard.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import { type Framing, framingOf } from '../wire/framing.ts';
import type { CallSpan } from './call-span.ts';
import type { ResponseObserver } from './observer.ts';
import type { Outcome } from './outcome.ts';

/** Bytes of a response kept in memory while it is read; of a longer one also the last 64 KB are kept, which hold the usage. */
const MAX_RESPONSE_BYTES = 8 * 1024 * 1024;
/** Bytes of a streamed response that may wait: above this they are read at once. */
const MAX_WAITING_STREAM_BYTES = 256 * 1024;

/** What the request carried: the app's own string, bytes or form, by reference, or the pieces it was sent in. */
export type RequestBody = string | Uint8Array | FormData | BodyBuffer;

/** Bytes kept of a request that is sent in pieces. */
export const MAX_REQUEST_BYTES: number = 8 * 1024 * 1024;

type HeaderReader = (name: string) => string | undefined;

export interface RequestUrl {
  /** As in the `Host` header: with the port unless it is the default. */
  host: string;
  /** Without the query. */
  path: string;
  secure: boolean;
}

/** What an exchange tells its owner. */
export interface ExchangeEvents {
  /** A stream has buffered more than may wait. */
  onBacklog(exchange: Exchange): void;
  onEnd(exchange: Exchange): void;
}

/**
 * One HTTP exchange with an LLM API while it happens. It only takes references and times; reading them is
 * {@link readExchange}'s business, later. It holds no reference to the response, so that a dropped response can be
 * collected and noticed.
 */
export class Exchange implements ResponseObserver {
  readonly protocol: Protocol;
  readonly url: RequestUrl;
  /** In which the request is made. */
  readonly context: Context;
  span: Span;
  /** The span is that of another instrumentation: it is told what it lacks, and its end is not ours. */
  callSpan: CallSpan | undefined;
  /** What was read of it, where that was before its end was written. */
  call: LlmCall | undefined;
  readonly startedAt: number = performance.now();
  requestBody: RequestBody | undefined;

  status: number | undefined;
  /** A response header by its lower-case name. */
  responseHeader: HeaderReader = () => undefined;
  /** How the events of a streamed response are framed; `undefined` for a response that is no stream, or does not say so. */
  framing: Framing | undefined;
  contentEncoding: string | undefined;
  firstChunkAt: number | undefined;
  endedAt = 0;
  outcome: Outcome | undefined;

  /** The response as the app has it: parsed, as text, or as chunks. */
  parsedBody: unknown;
  textBody: string | undefined;
  /** An event of a stream that only we asked for, and that the app does not get. */
  withheld: Uint8Array | undefined;
  readonly body: BodyBuffer = new BodyBuffer(MAX_RESPONSE_BYTES);

  readonly #events: ExchangeEvents;
  /** Weak, so that observing a response does not keep it from being collected. */
  #owner: WeakRef<object> | undefined;
  #retained = 0;

  constructor(
    start: Pick<Exchange, 'protocol' | 'url' | 'span' | 'context'> & { callSpan?: CallSpan },
    events: ExchangeEvents,
  ) {
    this.protocol = start.protocol;
    this.url = start.url;
    this.context = start.context;
    this.span = start.span;
    this.callSpan = start.callSpan;
    this.#events = events;
  }

  /** The response has begun. `contentEncoding` is what its bytes still are in. */
  begin(status: number, responseHeader: HeaderReader, contentEncoding?: string): void {
    guard('response', () => {
      this.status = status;
      this.responseHeader = responseHeader;
      this.framing = framingOf(responseHeader('content-type'));
      this.contentEncoding = contentEncoding;
    });
  }

  /** What a protocol may know besides the bodies. */
  get facts(): ExchangeFacts {
    return { host: this.url.host, path: this.url.path, responseHeader: this.responseHeader };
  }

  chunk(bytes: Uint8Array, source: object): void {
    guard('response chunk', () => {
      if (!this.#owns(source)) return;
      this.firstChunkAt ??= performance.now();
      this.body.push(bytes);
      if (this.framing && !this.contentEncoding && this.body.byteLength > MAX_WAITING_STREAM_BYTES) {
        this.#events.onBacklog(this);
      }
    });
  }

  text(value: string, source: object): void {
    guard('response text', () => {
      if (this.#owns(source)) this.textBody = value;
    });
  }

  parsed(value: unknown, source: object): void {
    guard('response body', () => {
      if (this.#owns(source)) this.parsedBody = value;
    });
  }

  end(outcome: Outcome, source?: object): void {
    guard('response end', () => {
      if (this.outcome || (source && !this.#owns(source))) return;
      this.endedAt = performance.now();
      this.outcome = outcome;
      // Watched objects live until a full collection, and what they hold with them.
      collected.unregister(this);
      this.#events.onEnd(this);
    });
  }

  retain(readable: object): void {
    this.#retained++;
    collected.register(readable, this, this);
  }

  release(): void {
    if (--this.#retained === 0) this.end({ kind: 'unread' });
  }

  #owns(source: object): boolean {
    if (this.outcome) return false;
    this.#owner ??= new WeakRef(source);
    return this.#owner.deref() === source;
  }
}

const collected = new FinalizationRegistry<Exchange>((exchange) => exchange.release());
