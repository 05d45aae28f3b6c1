import type { Batch, QueueEvents, RecordQueue } from './record-queue.ts';

/** Where records wait when they must not or cannot be on disk. Bounded in bytes: the oldest are dropped. */
export class MemoryQueue implements RecordQueue {
  readonly #maxBytes: number;
  readonly #events: QueueEvents;
  #records: Buffer[] = [];
  #bytes = 0;
  /** Records that ever left at the front. */
  #removed = 0;

  constructor(maxBytes: number, events: QueueEvents) {
    this.#maxBytes = maxBytes;
    this.#events = events;
  }

  get length(): number {
    return this.#records.length;
  }

  get empty(): boolean {
    return this.#records.length === 0;
  }

  append(records: readonly string[]): void {
    for (const record of records) {
      const bytes = Buffer.from(record);
      this.#records.push(bytes);
      this.#bytes += bytes.length;
    }
    let excess = 0;
    for (let bytes = this.#bytes; bytes > this.#maxBytes; excess++) bytes -= this.#records[excess]?.length ?? 0;
    if (excess > 0) this.#events.dropped(this.#remove(excess), 'memory-cap');
  }

  next(maxBytes: number): Promise<Batch | undefined> {
    let count = 0;
    for (let bytes = 0; count < this.#records.length; count++) {
      bytes += this.#records[count]?.length ?? 0;
      if (count > 0 && bytes > maxBytes) break;
    }
    if (count === 0) return Promise.resolve(undefined);
    const end = this.#removed + count;
    return Promise.resolve({
      records: this.#records.slice(0, count),
      settle: () => this.#remove(Math.max(0, end - this.#removed)),
    });
  }

  /** Takes everything out, to put it elsewhere. */
  takeAll(): string[] {
    const records = this.#records.map((bytes) => bytes.toString());
    this.#remove(records.length);
    return records;
  }

  #remove(count: number): number {
    const removed = this.#records.splice(0, count);
    for (const { length } of removed) this.#bytes -= length;
    this.#removed += removed.length;
    return removed.length;
  }
}
