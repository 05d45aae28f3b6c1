import { setImmediate } from 'node:timers/promises';
import { guard } from '../util/guard.ts';
import { claimDirectory, deadDirectories } from './adoption.ts';
import { deleteOldLeftovers, enforceCaps } from './caps.ts';
import { DiskQueue, type DiskQueueOptions } from './disk-queue.ts';

export interface AdoptedSpoolsOptions {
  /** The folder of the destination: where claimed directories go. */
  folder: string;
  /** Folders whose dead processes' records are for the destination; none without a destination. */
  sources: readonly string[];
  maxBytes: number;
  maxAgeMs: number;
  queueOptions: (directory: string) => DiskQueueOptions;
}

/** So many directories are held at a time, or looked at in one go: hours of short scripts leave thousands. */
const DIRECTORIES = 64;

/** What dead processes left: taken over to be delivered or, without a destination, kept within the caps. */
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

  /** Whether nothing is left to settle. */
  get empty(): boolean {
    this.#makeRoom();
    return this.#queues.every(({ empty }) => empty);
  }

  /** The first that has something to take. */
  next(): DiskQueue | undefined {
    this.#makeRoom();
    return this.#queues.find(({ readable }) => readable);
  }

  /** Those without records are done, go from disk and make room for others. */
  #makeRoom(): void {
    const done = this.#queues.filter(({ vacant }) => vacant);
    for (const queue of done) guard('spool', () => queue.close());
    this.#queues = this.#queues.filter(({ vacant }) => !vacant);
    if (done.length > 0 && this.#unsettled.length === 0) this.claim();
  }

  get #unsettled(): DiskQueue[] {
    return this.#queues.filter(({ empty }) => !empty);
  }

  /** Takes over directories, and tells other processes that these have an owner. */
  claim(): void {
    const { folder, sources, queueOptions } = this.#options;
    for (const queue of this.#queues) {
      queue.touch();
      queue.expire();
    }
    const room = DIRECTORIES - this.#unsettled.length;
    for (const dead of sources.flatMap(deadDirectories).slice(0, room)) {
      const directory = claimDirectory(dead, folder);
      if (directory) this.#queues.push(DiskQueue.adopt(queueOptions(directory)));
    }
  }

  /** Holds what dead processes left to the caps, whether it is taken over or not. */
  async sweep(): Promise<void> {
    const { folder, maxBytes, maxAgeMs, queueOptions } = this.#options;
    const queues = [...this.#queues];
    for (const [index, directory] of deadDirectories(folder).entries()) {
      queues.push(DiskQueue.adopt(queueOptions(directory)));
      if (index % DIRECTORIES === DIRECTORIES - 1) await setImmediate();
    }
    const notBefore = Date.now() - maxAgeMs;
    enforceCaps(queues, { maxBytes, notBefore });
    deleteOldLeftovers(folder, notBefore);
    for (const queue of queues) if (queue.vacant) queue.close();
  }
}
