/**
 * Waits that can be cut short: by a signal, or by {@link Pause.wake} when somebody wants an answer now. They never
 * keep the process alive.
 */
export class Pause {
  #wake: (() => void) | undefined;

  /** Resolves after `ms`, or sooner; rejects when `signal` aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', finish);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(finish, ms);
      timer.unref();
      signal.addEventListener('abort', finish);
      this.#wake = finish;
    });
    signal.throwIfAborted();
  }

  /** Ends the wait that is on, if any. */
  wake(): void {
    this.#wake?.();
  }
}
