import { AsyncResource } from 'node:async_hooks';
import { notify } from '../util/diagnostics.ts';
import { guard, guardAsync } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { InOrder } from './in-order.ts';
import type { Ledger } from './ledger.ts';
import { type Batch, type RecordQueue, SpoolReadError } from './record-queue.ts';
import { type Obstacle, RetryingSender } from './retrying-sender.ts';
import type { Sender } from './sender.ts';
import { type DeadLetterStore, sendSplitting } from './splitting-sender.ts';

/** Bytes of one request before compression, unless a record alone is larger. */
const REQUEST_BYTES = 1_000_000;
/** The same while all lanes are busy and more is waiting: of what Langfuse takes in one, as much as is safe. */
const BACKLOG_REQUEST_BYTES = 3_500_000;
/** Records on disk wait this long for company before they are sent. */
const LINGER_MS = 1000;
/** Requests at a time: with 500 ms for an answer, some 6 MB a second, and 20 MB with a backlog. */
const LANES = 3;
/** One failure is no news. */
const FAILURES_TO_REPORT = 3;

export interface TransmissionOptions {
  sender: Sender;
  deadLetters: DeadLetterStore;
  ledger: Ledger;
  /** The queue to take from for the request of this number; `undefined` when there is nothing to take. */
  nextQueue: (request: number) => RecordQueue | undefined;
  /** Delays between tries are so many times as long, for tests. Default: 1. */
  timeScale?: number;
}

/** Sends what the queues hold, a few requests at a time. Keeps the process alive only while {@link until} waits. */
export class Transmission {
  readonly #options: TransmissionOptions;
  readonly #sender: RetryingSender;
  readonly #stop = new AbortController();
  /** In the async context of the start: a connection must not hold on to the request that happened to open it. */
  readonly #start: () => void = AsyncResource.bind(() => guard('delivery', () => this.#run()));
  readonly #inOrder = new InOrder();
  #timer: NodeJS.Timeout | undefined;
  #lanes = 0;
  #requests = 0;
  /** The end of the last take: queues have one reader. */
  #taken: Promise<unknown> = Promise.resolve();
  /** Each looks whether what its caller waits for has happened. */
  readonly #waiting = new Set<(obstacle?: Obstacle) => void>();

  constructor(options: TransmissionOptions) {
    this.#options = options;
    this.#sender = new RetryingSender(options.sender, {
      onObstacle: (obstacle, failures) => {
        if (obstacle) report(obstacle, failures);
        this.#look(obstacle);
      },
      urgent: () => this.#waiting.size > 0,
      ...defined({ timeScale: options.timeScale }),
    });
  }

  /** Sends in a second, together with what comes until then. */
  soon(): void {
    if (this.#lanes < LANES) this.#timer ??= setTimeout(() => this.#startLate(), LINGER_MS).unref();
  }

  /** Sends now and resolves when `done`, after `timeoutMs`, or when waiting is in vain: keys refused, told to come later. */
  until(done: () => boolean, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const deadline = performance.now() + timeoutMs;
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (obstacle?: Obstacle): void => {
        if (done() || this.#stop.signal.aborted || (obstacle && outlasts(obstacle, deadline))) finish();
      };
      // The only timer that keeps the process alive.
      const timer = setTimeout(finish, timeoutMs);
      this.#waiting.add(look);
      this.#start();
      this.#sender.retryNow();
      look();
    });
  }

  /** Gives up the requests in flight; their records stay in their queues. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
    this.#look();
  }

  #startLate(): void {
    this.#timer = undefined;
    this.#start();
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lanes >= LANES || this.#stop.signal.aborted) return;
    this.#lanes++;
    void guardAsync('delivery', async () => {
      await guardAsync('delivery', () => this.#sendAll());
      this.#lanes--;
      this.#look();
      // What came at the last moment, or could not be read.
      if (!this.#stop.signal.aborted && this.#hasMore) this.soon();
    });
  }

  async #sendAll(): Promise<void> {
    try {
      for (let batch = await this.#take(); batch; batch = await this.#take()) {
        if (this.#hasMore) this.#run();
        await this.#settle(batch);
        this.#look();
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof SpoolReadError)) throw error;
      notify('warn', 'spool-read', `cannot read the spool for the moment (${error.code}), trying on`);
    }
  }

  get #hasMore(): boolean {
    return this.#options.nextQueue(this.#requests) !== undefined;
  }

  #take(): Promise<Batch | undefined> {
    const taken = this.#taken.then(() => this.#takeNext());
    this.#taken = taken.catch(() => {});
    return taken;
  }

  async #takeNext(): Promise<Batch | undefined> {
    for (;;) {
      const queue = this.#stop.signal.aborted ? undefined : this.#options.nextQueue(this.#requests);
      if (!queue) return undefined;
      const batch = await queue.next(this.#lanes < LANES ? REQUEST_BYTES : BACKLOG_REQUEST_BYTES);
      if (!batch) continue;
      this.#requests++;
      return batch;
    }
  }

  async #settle(batch: Batch): Promise<void> {
    const { deadLetters, ledger } = this.#options;
    try {
      const { records } = batch;
      const { signal } = this.#stop;
      const settlement = await this.#inOrder.run(records, () =>
        sendSplitting(this.#sender, deadLetters, records, signal),
      );
      ledger.settled(settlement, batch.settle());
    } catch (error) {
      batch.giveBack();
      throw error;
    }
  }

  #look(obstacle?: Obstacle): void {
    for (const look of this.#waiting) look(obstacle);
  }
}

function outlasts(obstacle: Obstacle, deadline: number): boolean {
  return obstacle.kind === 'refused' || performance.now() + (obstacle.afterMs ?? 0) > deadline;
}

function report(obstacle: Obstacle, failures: number): void {
  if (obstacle.kind === 'refused') {
    const hint = 'check the keys, the base URL and the plan; spans are kept and sent once it accepts them';
    notify('warn', 'delivery-refused', `Langfuse does not take spans (${obstacle.cause}): ${hint}`);
  } else if (failures >= FAILURES_TO_REPORT) {
    notify('warn', 'delivery-retry', `Langfuse cannot be reached (${obstacle.cause}): spans are kept, trying on`);
  }
}
