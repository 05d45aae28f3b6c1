import type { Batch, QueueEvents, RecordQueue } from './record-queue.ts';

/** Where records wait when they must not or cannot be on disk. Bounded in bytes: the oldest are dropped. */
export class MemoryQueue implements RecordQueue {
  readonly #maxBytes: number;
  readonly #events: QueueEvents;
  #waiting: Buffer[] = [];
  readonly #out = new Set<readonly Buffer[]>();
  /** Of both. */
  #bytes = 0;

  constructor(maxBytes: number, events: QueueEvents) {
    this.#maxBytes = maxBytes;
    this.#events = events;
  }

  get length(): number {
    return [...this.#out].reduce((sum, { length }) => sum + length, this.#waiting.length);
  }

  get empty(): boolean {
    return this.length === 0;
  }

  get readable(): boolean {
    return this.#waiting.length > 0;
  }

  append(records: readonly string[]): void {
    this.#add(records.map((record) => Buffer.from(record)));
    // A batch that is being sent is not dropped: it may be delivered at this moment.
    let count = 0;
    for (let bytes = this.#bytes; bytes > this.#maxBytes && count < this.#waiting.length; count++) {
      bytes -= this.#waiting[count]?.length ?? 0;
    }
    if (count === 0) return;
    this.#bytes -= byteLength(this.#waiting.splice(0, count));
    this.#events.dropped(count, 'memory-cap');
  }

  /** Rather refuses than drops. Returns whether there was room. */
  appendIfRoom(records: readonly string[]): boolean {
    const buffers = records.map((record) => Buffer.from(record));
    if (this.#bytes + byteLength(buffers) > this.#maxBytes) return false;
    this.#add(buffers);
    return true;
  }

  next(maxBytes: number): Promise<Batch | undefined> {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length; count++) {
      bytes += this.#waiting[count]?.length ?? 0;
      if (count > 0 && bytes > maxBytes) break;
    }
    if (count === 0) return Promise.resolve(undefined);
    const records = this.#waiting.splice(0, count);
    this.#out.add(records);
    return Promise.resolve({
      records,
      settle: () => {
        if (!this.#out.delete(records)) return 0;
        this.#bytes -= byteLength(records);
        return records.length;
      },
      giveBack: () => {
        if (this.#out.delete(records)) this.#waiting.unshift(...records);
      },
    });
  }

  /** Remembers what is in the queue now. The answer says whether all of it is settled. */
  mark(): () => boolean {
    const marked = new Set(this.#all);
    return () => !this.#all.some((record) => marked.has(record));
  }

  /** Takes everything out, what is being sent as well, to put it elsewhere. */
  takeAll(): string[] {
    const records = this.#all.map((bytes) => bytes.toString());
    this.#out.clear();
    this.#waiting = [];
    this.#bytes = 0;
    return records;
  }

  get #all(): Buffer[] {
    return [...this.#out, this.#waiting].flat();
  }

  #add(buffers: readonly Buffer[]): void {
    this.#waiting.push(...buffers);
    this.#bytes += byteLength(buffers);
  }
}

function byteLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}
