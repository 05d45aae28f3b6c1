/**
 * Remembers at least the last half of `maximum` texts that were added, and at most `maximum`. Forgetting a whole
 * generation at once costs a fraction of forgetting the oldest each time.
 */
export class RecentSet {
  readonly #generation: number;
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set<string>();

  constructor(maximum: number) {
    this.#generation = Math.ceil(maximum / 2);
  }

  add(item: string): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(item);
  }

  has(item: string): boolean {
    return this.#young.has(item) || this.#old.has(item);
  }
}
