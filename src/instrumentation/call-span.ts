import type { OpenSpan } from '../context/open-spans.ts';
import { OURS } from '../semconv/attributes.ts';
import { guard } from '../util/guard.ts';
import type { CallMark } from './call-marks.ts';
import type { Exchange } from './exchange.ts';
import { replaceMethod } from './patch.ts';

/** How long after its answer a call waits for the end of the span it is to be told on. */
const PATIENCE_MS = 2_000;
/** How long after a failure: there may be another attempt. */
const RETRY_PATIENCE_MS = 60_000;
/** How many wait at a time, each with the body of its answer; beyond, the oldest waits no longer. */
const MAX_WAITING = 64;

/** What becomes of an exchange that happened within the span of another instrumentation. */
export interface CallTeller {
  /** Tells it on that span, which is about to end. Returns whether it could: not where the answer is not whole yet. */
  tell(exchange: Exchange, mark: CallMark): boolean;
  /** Gives it a span of its own, below. */
  tellApart(exchange: Exchange): void;
}

/**
 * A span that another instrumentation, or the client itself, has made for one call to a model. If it comes to one
 * answer, the span is told what it lacks, at the last moment before it ends: what its owner writes is there by then, and
 * ours holds. Attempts that failed before do not count. In every other case exchanges get spans of their own below it,
 * and the exporter sees that they account for what it reports: two answers, an answer that goes on after the span, a
 * span that does not end.
 */
export class CallSpan {
  readonly span: OpenSpan;
  readonly mark: CallMark;
  readonly #teller: CallTeller;
  /** Those whose exchange has ended, and that may not end. */
  readonly #waiting: Set<CallSpan>;
  #exchange: Exchange | undefined;
  #isDivided = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(span: OpenSpan, mark: CallMark, teller: CallTeller, waiting: Set<CallSpan>) {
    this.span = span;
    this.mark = mark;
    this.#teller = teller;
    this.#waiting = waiting;
    const patch = replaceMethod(span, 'end', (original) => (endTime) => {
      patch.restore();
      guard('the end of a span', () => this.#settle());
      original.call(span, endTime);
    });
  }

  /** Whether the next exchange may be this span's one call: the one before it has failed, if there was any. */
  get isFree(): boolean {
    return !this.#isDivided && (this.#exchange === undefined || hasFailed(this.#exchange));
  }

  take(exchange: Exchange): void {
    this.#stopWaiting();
    this.#exchange = exchange;
  }

  /** The exchange has ended. */
  wait(): void {
    const patience = this.isFree ? RETRY_PATIENCE_MS : PATIENCE_MS;
    this.#timer = setTimeout(() => guard('a span that does not end', () => this.divide()), patience).unref();
    this.#waiting.add(this);
    for (const oldest of this.#waiting) {
      if (this.#waiting.size <= MAX_WAITING) break;
      oldest.divide();
    }
  }

  /** From now on this span is around calls, and not that of one. */
  divide(): void {
    this.#stopWaiting();
    this.#isDivided = true;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange) this.#teller.tellApart(exchange);
  }

  #settle(): void {
    this.#stopWaiting();
    const exchange = this.#exchange;
    // That it failed is its owner's to say.
    if (!exchange || hasFailed(exchange)) return;
    if (exchange.outcome && this.#teller.tell(exchange, this.mark)) return;
    this.divide();
    this.span.setAttribute(OURS.countedIn, exchange.span.spanContext().spanId);
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#waiting.delete(this);
  }
}

/** An attempt that brought no answer, and is not billed. */
function hasFailed({ status, outcome }: Exchange): boolean {
  return status === undefined ? outcome !== undefined : status >= 400;
}
