/** What all requests of a server together may hold in memory. */
export class BytesInFlight {
  readonly #maximum: number;
  #held = 0;

  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  get held(): number {
    return this.#held;
  }

  /** Takes room for so many bytes. Returns whether there was enough. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#maximum) return false;
    this.#held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}
