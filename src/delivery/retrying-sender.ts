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
}

/** Sends again until there is an answer that is final for these records, for ever. */
export class RetryingSender implements PersistentSender {
  readonly #sender: Sender;
  readonly #options: RetryOptions;
  readonly #pause = new Pause();
  #notBefore = 0;

  constructor(sender: Sender, options: RetryOptions) {
    this.#sender = sender;
    this.#options = options;
  }

  async send(records: readonly Buffer[], signal: AbortSignal): Promise<FinalOutcome> {
    for (let failures = 1; ; failures++) {
      const outcome = await this.#sender.send(records, signal);
      if (outcome.kind !== 'retry' && outcome.kind !== 'refused') {
        this.#options.onObstacle(undefined, 0);
        return outcome;
      }
      const delay = this.#delay(outcome, failures);
      this.#options.onObstacle(outcome, failures);
      await this.#pause.wait(delay, signal);
    }
  }

  /** Tries now instead of at the end of the current delay, unless the server named a time. */
  retryNow(): void {
    if (Date.now() >= this.#notBefore) this.#pause.wake();
  }

  #delay(outcome: Obstacle, failures: number): number {
    if (outcome.kind === 'refused') return PROBE_MS;
    const random = (this.#options.random ?? Math.random)();
    const doublings = this.#options.urgent() ? 0 : failures - 1;
    const jittered = random * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** doublings);
    const asked = outcome.afterMs ?? 0;
    this.#notBefore = Date.now() + asked;
    // Spread over what comes after the time that the server named to everyone.
    return asked + jittered;
  }
}
