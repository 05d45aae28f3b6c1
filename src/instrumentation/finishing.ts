import { guard } from '../util/guard.ts';
import type { Exchange, ExchangeEvents } from './exchange.ts';

/** How long an ended exchange waits for company: reading and serialising happen after the app has gone on. */
const DELAY_MS = 20;
/** Bytes and exchanges that may wait; above, they are read at once. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const MAX_WAITING = 256;
/** Longest stretch of work before the app gets its turn again. */
const SLICE_MS = 5;

/** What to do with an exchange, off the app's path. */
export interface ExchangeHandler {
  /** Reads the exchange and ends its span. */
  finish(exchange: Exchange): void;
  readBacklog(exchange: Exchange): void;
}

/** Holds open and ended exchanges until their spans are written, in batches after the calls. */
export class Finishing implements ExchangeEvents {
  readonly #handler: ExchangeHandler;
  /** Begun and not ended; each is ended at the latest when the process exits. */
  readonly #open = new Set<Exchange>();
  #ended: Exchange[] = [];
  #waitingBytes = 0;
  #scheduled = false;

  constructor(handler: ExchangeHandler) {
    this.#handler = handler;
  }

  begin(exchange: Exchange): void {
    this.#open.add(exchange);
  }

  onBacklog(exchange: Exchange): void {
    guard('stream backlog', () => this.#handler.readBacklog(exchange));
  }

  onEnd(exchange: Exchange): void {
    this.#open.delete(exchange);
    if (exchange.callSpan) return exchange.callSpan.wait();
    this.#ended.push(exchange);
    this.#waitingBytes += exchange.body.byteLength;
    if (this.#ended.length >= MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES) this.finishNow();
    else this.#schedule(DELAY_MS);
  }

  /** Ends what is open, as cut by the end of the process. */
  endOpen(): void {
    for (const exchange of this.#open) exchange.end({ kind: 'exit' });
  }

  /** Writes every ended exchange now. */
  finishNow(): void {
    guard('reading exchanges', () => {
      for (const exchange of this.#take()) this.#finish(exchange);
    });
  }

  #schedule(delay: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      guard('reading exchanges', () => this.#finishSlice());
    }, delay).unref();
  }

  #finishSlice(): void {
    const batch = this.#take();
    const until = performance.now() + SLICE_MS;
    let done = 0;
    while (done < batch.length && performance.now() < until) this.#finish(batch[done++] as Exchange);
    if (done === batch.length) return;
    this.#ended = [...batch.slice(done), ...this.#ended];
    for (const exchange of this.#ended) this.#waitingBytes += exchange.body.byteLength;
    this.#schedule(0);
  }

  #take(): Exchange[] {
    const batch = this.#ended;
    this.#ended = [];
    this.#waitingBytes = 0;
    return batch;
  }

  #finish(exchange: Exchange): void {
    guard('reading an exchange', () => this.#handler.finish(exchange));
  }
}
