import { notify } from '../util/diagnostics.ts';
import { enforceCaps } from './adoption.ts';
import type { DiskQueue } from './disk-queue.ts';
import type { MemoryQueue } from './memory-queue.ts';
import type { RecordQueue } from './record-queue.ts';

/** A disk that failed is tried again after this time. */
const RETRY_DISK_MS = 10_000;

/** Where this process' records go: to disk and, while that fails or is not wanted, to memory. */
export class OwnSpool {
  readonly disk: DiskQueue | undefined;
  readonly memory: MemoryQueue;
  #diskFailedAt = Number.NEGATIVE_INFINITY;

  constructor(disk: DiskQueue | undefined, memory: MemoryQueue) {
    this.disk = disk;
    this.memory = memory;
  }

  get length(): number {
    return this.memory.length + (this.disk?.length ?? 0);
  }

  nextQueue(): RecordQueue | undefined {
    return [this.disk, this.memory].find((queue) => queue && !queue.empty);
  }

  /** Tells other processes that this one lives, and drops what nobody could deliver in time. */
  maintain({ maxBytes, maxAgeMs }: { maxBytes: number; maxAgeMs: number }): void {
    if (!this.disk) return;
    this.disk.touch();
    enforceCaps([this.disk], { maxBytes, notBefore: Date.now() - maxAgeMs });
  }

  /** Never throws: what cannot be on disk is in memory, within its bound. */
  append(records: readonly string[]): void {
    const worthTrying = Date.now() - this.#diskFailedAt >= RETRY_DISK_MS;
    if (!worthTrying || !this.#appendToDisk(records)) this.memory.append(records);
  }

  /** At the end of the process: a last try to bring to disk what is in memory. Without records nothing is left on disk. */
  finish(): void {
    if (this.disk && !this.memory.empty) {
      const records = this.memory.takeAll();
      if (!this.#appendToDisk(records)) this.memory.append(records);
    }
    this.disk?.close();
  }

  #appendToDisk(records: readonly string[]): boolean {
    if (!this.disk) return false;
    try {
      this.disk.append(records);
      return true;
    } catch (error) {
      this.#diskFailedAt = Date.now();
      const code = (error as NodeJS.ErrnoException).code ?? 'error';
      notify('warn', 'spool', `cannot write to ${this.disk.directory} (${code}): spans are kept in memory meanwhile`);
      return false;
    }
  }
}
