import { Pause } from './pause.ts';
import type { FinalOutcome, PersistentSender, Sender, SendOutcome } from './sender.ts';

/** Backoff: a random time up to 1 s, doubling with every failure up to 60 s, so that many processes do not return as one. */
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;
/** What somebody has to change is tried again once a minute. */
const PROBE_MS = 60_000;

/** What stands in the way of delivery. */
export type Obstacle = Extract<SendOutcome, { kind: 'retry' | 'refused' }>;

export interface RetryOptions {
  /** Told of each failure and, with `undefined`, that sending works again. */
  onObstacle: (obstacle: Obstacle | undefined, failures: number) => void;
  /** Whether somebody is waiting: then the delay does not grow. */
  urgent: () => boolean;
  /** In [0, 1). */
  random?: () => number;
  /** Delays are so many times as long, for tests. Default: 1. */
  timeScale?: number;
}

/**
 * Sends again until there is an answer that is final for these records, for ever. Several may send at a time; while the
 * destination fails, one of them tries after a delay and the others wait for what it finds out.
 */
export class RetryingSender implements PersistentSender {
  readonly #sender: Sender;
  readonly #options: RetryOptions;
  readonly #pause = new Pause();
  /** In a row, of whichever records. */
  #failures = 0;
  #delayMs = 0;
  /** What the server asked for, on the clock that nobody sets. */
  #notBefore = 0;
  #trial: Promise<unknown> | undefined;

  constructor(sender: Sender, options: RetryOptions) {
    this.#sender = sender;
    this.#options = options;
  }

  async send(records: readonly Buffer[], signal: AbortSignal): Promise<FinalOutcome> {
    for (;;) {
      while (this.#trial) await this.#trial;
      const outcome = await (this.#failures > 0 ? this.#try(records, signal) : this.#send(records, signal));
      if (isFinal(outcome)) return outcome;
    }
  }

  /** Tries now instead of at the end of the current delay, unless the server named a time. */
  retryNow(): void {
    if (performance.now() >= this.#notBefore) this.#pause.wake();
  }

  async #try(records: readonly Buffer[], signal: AbortSignal): Promise<SendOutcome> {
    const trial = this.#pause.wait(this.#delayMs, signal).then(() => this.#send(records, signal));
    this.#trial = trial.catch(() => {}).then(() => (this.#trial = undefined));
    return trial;
  }

  async #send(records: readonly Buffer[], signal: AbortSignal): Promise<SendOutcome> {
    const failures = this.#failures;
    signal.throwIfAborted();
    const outcome = this.#scaled(await this.#sender.send(records, signal));
    if (isFinal(outcome)) {
      this.#failures = 0;
      this.#options.onObstacle(undefined, 0);
    } else if (this.#failures === failures) {
      // Requests that were under way together fail together: that is one failure.
      this.#failures++;
      this.#delayMs = this.#delay(outcome);
      this.#options.onObstacle(outcome, this.#failures);
    }
    return outcome;
  }

  #scaled(outcome: SendOutcome): SendOutcome {
    const { timeScale = 1 } = this.#options;
    return outcome.kind === 'retry' && outcome.afterMs !== undefined
      ? { ...outcome, afterMs: outcome.afterMs * timeScale }
      : outcome;
  }

  #delay(outcome: Obstacle): number {
    const { timeScale = 1 } = this.#options;
    if (outcome.kind === 'refused') return PROBE_MS * timeScale;
    const random = (this.#options.random ?? Math.random)();
    const doublings = this.#options.urgent() ? 0 : this.#failures - 1;
    const jittered = random * timeScale * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** doublings);
    const asked = outcome.afterMs ?? 0;
    this.#notBefore = performance.now() + asked;
    // Spread over what comes after the time that the server named to everyone.
    return asked + jittered;
  }
}

function isFinal(outcome: SendOutcome): outcome is FinalOutcome {
  return outcome.kind !== 'retry' && outcome.kind !== 'refused';
}
