/** Remembers the last `maximum` texts that were added. */
export class RecentSet {
  readonly #maximum: number;
  readonly #items = new Set<string>();

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  add(item: string): void {
    this.#items.add(item);
    if (this.#items.size <= this.#maximum) return;
    for (const oldest of this.#items) {
      this.#items.delete(oldest);
      return;
    }
  }

  has(item: string): boolean {
    return this.#items.has(item);
  }
}
