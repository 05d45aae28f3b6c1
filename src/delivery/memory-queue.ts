import type { Batch, QueueEvents, RecordQueue } from './record-queue.ts';

/** Where records wait when they must not or cannot be on disk. Bounded in bytes: the oldest are dropped. */
export class MemoryQueue implements RecordQueue {
  readonly #maxBytes: number;
  readonly #events: QueueEvents;
  #records: Buffer[] = [];
  #bytes = 0;
  /** How many at the front are being sent. */
  #out = 0;

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
    // A batch that is being sent is not dropped: it may be delivered at this moment.
    let end = this.#out;
    for (let bytes = this.#bytes; bytes > this.#maxBytes && end < this.#records.length; end++) {
      bytes -= this.#records[end]?.length ?? 0;
    }
    if (end > this.#out) this.#events.dropped(this.#remove(this.#out, end), 'memory-cap');
  }

  next(maxBytes: number): Promise<Batch | undefined> {
    let count = 0;
    for (let bytes = 0; count < this.#records.length; count++) {
      bytes += this.#records[count]?.length ?? 0;
      if (count > 0 && bytes > maxBytes) break;
    }
    if (count === 0) return Promise.resolve(undefined);
    this.#out = count;
    return Promise.resolve({ records: this.#records.slice(0, count), settle: () => this.#remove(0, this.#out) });
  }

  /** Takes everything out, to put it elsewhere. */
  takeAll(): string[] {
    const records = this.#records.map((bytes) => bytes.toString());
    this.#remove(0, records.length);
    return records;
  }

  #remove(start: number, end: number): number {
    const removed = this.#records.splice(start, end - start);
    for (const { length } of removed) this.#bytes -= length;
    if (start === 0) this.#out = 0;
    return removed.length;
  }
}
