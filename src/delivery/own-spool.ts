import { notify } from '../util/diagnostics.ts';
import { enforceCaps } from './caps.ts';
import type { DiskQueue } from './disk-queue.ts';
import type { MemoryQueue } from './memory-queue.ts';
import { GroupSync } from './group-sync.ts';
import type { RecordQueue } from './record-queue.ts';

/** A disk that failed is tried again after this time. */
const RETRY_DISK_MS = 10_000;

/** Where this process' records go: to disk and, while that fails or is not wanted, to memory. */
export class OwnSpool {
  readonly disk: DiskQueue | undefined;
  readonly memory: MemoryQueue;
  readonly #sync: GroupSync;
  #diskFailedAt = Number.NEGATIVE_INFINITY;

  constructor(disk: DiskQueue | undefined, memory: MemoryQueue) {
    this.disk = disk;
    this.memory = memory;
    this.#sync = new GroupSync(async () => disk?.sync());
  }

  get length(): number {
    return this.memory.length + (this.disk?.length ?? 0);
  }

  nextQueue(): RecordQueue | undefined {
    return [this.disk, this.memory].find((queue) => queue?.readable);
  }

  /** Remembers what is here now. The answer says whether all of it has met its fate. */
  mark(): () => boolean {
    const marks = [this.disk, this.memory].map((queue) => queue?.mark());
    return () => marks.every((settled) => settled?.() ?? true);
  }

  /** Tells other processes that this one lives, and drops what nobody could deliver in time. */
  maintain({ maxBytes, maxAgeMs }: { maxBytes: number; maxAgeMs: number }): void {
    if (!this.disk) return;
    this.disk.touch();
    this.disk.expire();
    enforceCaps([this.disk], { maxBytes, notBefore: Date.now() - maxAgeMs });
  }

  /** Never throws: what cannot be on disk is in memory, within its bound. */
  append(records: readonly string[]): void {
    if (!this.#tryDisk((disk) => (disk.append(records), true))) this.memory.append(records);
  }

  /**
   * Takes all of the records or, where that would drop others or the disk fails, none; never throws. Without a disk
   * they are in memory.
   */
  appendIfRoom(records: readonly string[]): boolean {
    return this.disk ? this.#tryDisk((disk) => disk.appendIfRoom(records)) : this.memory.appendIfRoom(records);
  }

  /** Resolves when everything appended so far would survive the machine, and says whether it would. */
  async sync(): Promise<boolean> {
    try {
      await this.#sync.run();
      return true;
    } catch (error) {
      this.#diskFailed(error);
      return false;
    }
  }

  /** At the end of the process: a last try to bring to disk what is in memory. Without records nothing is left on disk. */
  finish(): void {
    if (this.disk && !this.memory.empty) {
      const records = this.memory.takeAll();
      this.#diskFailedAt = Number.NEGATIVE_INFINITY;
      this.append(records);
    }
    this.disk?.close();
  }

  #tryDisk(append: (disk: DiskQueue) => boolean): boolean {
    if (!this.disk || performance.now() - this.#diskFailedAt < RETRY_DISK_MS) return false;
    try {
      return append(this.disk);
    } catch (error) {
      this.#diskFailed(error);
      return false;
    }
  }

  #diskFailed(error: unknown): void {
    this.#diskFailedAt = performance.now();
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    notify('warn', 'spool', `cannot write to ${this.disk?.directory} (${code}): spans are kept in memory meanwhile`);
  }
}
