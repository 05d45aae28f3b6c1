/** Callers that want the same slow thing done share it: one run at a time, and whoever comes meanwhile waits for the next. */
export class GroupSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves after a run that begins after this call; rejects if that run does. */
  run(): Promise<void> {
    this.#next ??= this.#afterRunning();
    return this.#next;
  }

  async #afterRunning(): Promise<void> {
    await this.#running.catch(() => {});
    this.#running = this.#next ?? this.#running;
    this.#next = undefined;
    await this.#sync();
  }
}
