export interface RecentStoreLimits {
  maxBytes: number;
  maxAgeMs: number;
}

interface Entry<T> {
  key: string;
  value: T;
  bytes: number;
  since: number;
}

/** What came lately, within bounds of bytes and age: the oldest goes first. */
export class RecentStore<T> {
  readonly #limits: RecentStoreLimits;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #entries = new Map<string, Entry<T>>();
  /**
   * Goes on where it was: a new one would pass over the holes of all that was forgotten since the map was last packed,
   * with each entry that is set.
   */
  #walk = this.#entries.values();
  /** Where the walk is: the oldest, unless it is gone. */
  #reached: Entry<T> | undefined;
  #bytes = 0;

  constructor(limits: RecentStoreLimits, now: () => number = Date.now) {
    this.#limits = limits;
    this.#now = now;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Keeps it under the key, in place of what was there. @param bytes about what it takes in memory. */
  set(key: string, value: T, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { key, value, bytes, since: this.#now() });
    this.#bytes += bytes;
    this.#forget();
  }

  /** Gives it out and forgets it. */
  take(key: string): T | undefined {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }

  #forget(): void {
    const notBefore = this.#now() - this.#limits.maxAgeMs;
    for (let oldest = this.#oldest(); oldest; oldest = this.#oldest()) {
      if (this.#bytes <= this.#limits.maxBytes && oldest.since >= notBefore) return;
      this.delete(oldest.key);
    }
  }

  #oldest(): Entry<T> | undefined {
    while (!this.#reached || this.#entries.get(this.#reached.key) !== this.#reached) {
      const { value, done } = this.#walk.next();
      if (done) this.#walk = this.#entries.values();
      if (done && this.#entries.size === 0) return undefined;
      this.#reached = value;
    }
    return this.#reached;
  }
}
