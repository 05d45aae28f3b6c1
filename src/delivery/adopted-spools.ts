import { guard } from '../util/guard.ts';
import { claimDirectory, deadDirectories, deleteOldLeftovers, enforceCaps } from './adoption.ts';
import { DiskQueue, type DiskQueueOptions } from './disk-queue.ts';

export interface AdoptedSpoolsOptions {
  /** The folder of the destination: where claimed directories go. */
  folder: string;
  /** Folders whose dead processes' records are for the destination. Empty: look after `folder`, but take nothing. */
  sources: readonly string[];
  maxBytes: number;
  maxAgeMs: number;
  queueOptions: (directory: string) => DiskQueueOptions;
}

/** The directories that dead processes left: taken over to be delivered or, without a destination, kept within the caps. */
export class AdoptedSpools {
  readonly #options: AdoptedSpoolsOptions;
  #queues: DiskQueue[] = [];

  constructor(options: AdoptedSpoolsOptions) {
    this.#options = options;
  }

  /** Records opened and not settled. Those of segments nobody has opened are not known. */
  get length(): number {
    return this.#queues.reduce((sum, { length }) => sum + length, 0);
  }

  /** The first that has records; those without are done, and gone from disk. */
  next(): DiskQueue | undefined {
    for (const queue of this.#queues) if (queue.empty) guard('spool', () => queue.close());
    this.#queues = this.#queues.filter((queue) => !queue.empty);
    return this.#queues[0];
  }

  /** Looks for new directories and holds all to the caps. A few milliseconds of file system calls. */
  maintain(): void {
    const { folder, sources, maxBytes, maxAgeMs, queueOptions } = this.#options;
    for (const dead of sources.flatMap(deadDirectories)) {
      const directory = claimDirectory(dead, folder);
      if (directory) this.#queues.push(DiskQueue.adopt(queueOptions(directory)));
    }
    const left = deadDirectories(folder).map((directory) => DiskQueue.adopt(queueOptions(directory)));
    const notBefore = Date.now() - maxAgeMs;
    enforceCaps([...this.#queues, ...left], { maxBytes, notBefore });
    deleteOldLeftovers(folder, notBefore);
    for (const queue of left) if (queue.empty) queue.close();
    for (const queue of this.#queues) queue.touch();
  }
}
