export interface RecentStoreLimits {
  maxBytes: number;
  maxAgeMs: number;
}

interface Entry<T> {
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
    this.#entries.set(key, { value, bytes, since: this.#now() });
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
    for (const [key, { since }] of this.#entries) {
      if (this.#bytes <= this.#limits.maxBytes && since >= notBefore) return;
      this.delete(key);
    }
  }
}
