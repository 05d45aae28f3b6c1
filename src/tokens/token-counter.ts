import { Worker } from 'node:worker_threads';
import { notify } from '../util/diagnostics.ts';
import { type CountResult, type CountTask, estimateByLength, taskLength } from './count-task.ts';
import type { CountAnswer, CountOrder } from './worker.ts';

/** Tasks and characters that may wait; above, lengths stand in for tokens. */
const MAX_WAITING = 256;
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;
/** How long a task may take, the start of the thread included. */
const DEADLINE_MS = 5_000;
const POLL_MS = 5;
/** A thread with a tokenizer takes 80 MB: after a minute without a task it ends. */
const IDLE_MS = 60_000;

interface Waiting {
  task: CountTask;
  length: number;
  done(result: CountResult): void;
  timer: NodeJS.Timeout;
}

/**
 * Counts in a thread of its own, which starts with the first task and keeps no process alive. Each task is answered
 * once, by its length where the thread cannot: too much waits, it takes too long, it does not start, the process ends.
 */
export class TokenCounter {
  readonly #script: () => URL;
  readonly #idleMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #characters = 0;
  #nextId = 0;
  #unsent: CountOrder[] = [];
  #thread: Worker | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #isBroken = false;

  /** @param script the compiled `worker.ts` */
  constructor(script: () => URL = () => new URL('./worker.js', import.meta.url), idleMs: number = IDLE_MS) {
    this.#script = script;
    this.#idleMs = idleMs;
  }

  /** @param done called later, or at once where the task cannot wait */
  count(task: CountTask, done: (result: CountResult) => void): void {
    const length = taskLength(task);
    const isFull = this.#waiting.size >= MAX_WAITING || this.#characters + length > MAX_WAITING_CHARACTERS;
    if (this.#isBroken || isFull) return done(estimateByLength(task));
    clearTimeout(this.#idleTimer);
    const id = this.#nextId++;
    const timer = setTimeout(() => this.#answer({ id }), DEADLINE_MS).unref();
    this.#waiting.set(id, { task, length, done, timer });
    this.#characters += length;
    // Not at once: at the end of a process the stand-in comes first, and no thread is started in vain.
    if (this.#unsent.push({ id, task }) === 1) setImmediate(() => this.#send()).unref();
  }

  /** Answers every waiting task now, by its length. */
  finishNow(): void {
    this.#unsent = [];
    for (const id of this.#waiting.keys()) this.#answer({ id });
  }

  /** Resolves when nothing waits any more. Keeps the process alive until then. */
  async settle(): Promise<void> {
    if (this.#waiting.size === 0) return;
    this.#send();
    await new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (this.#waiting.size > 0) return;
        clearInterval(poll);
        resolve();
      }, POLL_MS);
    });
  }

  /** Ends the thread; a later task starts another. */
  stop(): void {
    this.finishNow();
    clearTimeout(this.#idleTimer);
    const thread = this.#thread;
    this.#thread = undefined;
    // An error of a thread that nobody listens to would be the app's.
    void thread
      ?.removeAllListeners()
      .on('error', () => {})
      .terminate();
  }

  #send(): void {
    const orders = this.#unsent;
    this.#unsent = [];
    if (orders.length === 0) return;
    try {
      const thread = (this.#thread ??= this.#start());
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      for (const order of orders) thread.postMessage(order);
    } catch (error) {
      this.#break(`could not be started (${error instanceof Error ? error.message : String(error)})`);
    }
  }

  #start(): Worker {
    // Nothing of the app's environment: its preloads, ours among them, have no business in this thread.
    const thread = new Worker(this.#script(), { execArgv: [], env: {}, name: 'otel-langfuse token counter' });
    thread.on('message', (answer: CountAnswer) => this.#answer(answer));
    thread.on('error', (error) => this.#break(`stopped (${error.message})`));
    thread.on('exit', () => this.#break('ended'));
    thread.unref();
    return thread;
  }

  #answer({ id, result }: CountAnswer): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    this.#characters -= waiting.length;
    clearTimeout(waiting.timer);
    waiting.done(result ?? estimateByLength(waiting.task));
    if (this.#waiting.size === 0) this.#idleTimer = setTimeout(() => this.stop(), this.#idleMs).unref();
  }

  #break(what: string): void {
    if (!this.#isBroken) {
      notify(
        'warn',
        'token-thread',
        `the thread that counts tokens ${what}; where usage is missing it is estimated by length.`,
      );
    }
    this.#isBroken = true;
    this.finishNow();
  }
}
