/**
 * What is kept of a body in memory: the first `headLimit` bytes, and of a longer one also its last 64 KB, because
 * providers state usage at the end. Chunks are kept by reference, never copied.
 */
export class BodyBuffer {
  readonly #headLimit: number;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #tail: Uint8Array[] = [];
  #tailBytes = 0;

  constructor(headLimit: number) {
    this.#headLimit = headLimit;
  }

  push(chunk: Uint8Array): void {
    if (this.#headBytes < this.#headLimit) {
      this.#head.push(chunk);
      this.#headBytes += chunk.byteLength;
      return;
    }
    this.#tail.push(chunk);
    this.#tailBytes += chunk.byteLength;
    while (this.#tail.length > 1 && this.#tailBytes - (this.#tail[0]?.byteLength ?? 0) >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail.shift()?.byteLength ?? 0;
    }
  }

  /** Bytes held in memory. */
  get byteLength(): number {
    return this.#headBytes + this.#tailBytes;
  }

  /** Whether bytes between head and tail may be missing. */
  get truncated(): boolean {
    return this.#tail.length > 0;
  }

  /** Removes and returns the chunks of the head. */
  takeHead(): Uint8Array[] {
    const head = this.#head;
    this.#head = [];
    this.#headBytes = 0;
    return head;
  }

  /** The chunks of the tail: the end of a truncated body. */
  get tail(): readonly Uint8Array[] {
    return this.#tail;
  }
}

const TAIL_BYTES = 64 * 1024;
