/** Records taken from a queue to be sent. They are its own until settled. */
export interface Batch {
  /** JSON texts as UTF-8, oldest first; never empty. */
  readonly records: readonly Buffer[];
  /**
   * Forgets the records: their fate is known. Until then no cap drops them. Returns how many the queue still held:
   * those that were moved elsewhere as the process ended are not its own any more.
   */
  settle(): number;
  /** Their fate is not known, and they are to be taken again. */
  giveBack(): void;
}

/**
 * Records awaiting delivery, oldest first. Several batches may be out and are settled in any order, but they are taken
 * one after the other: `next` is called again only when its last answer is there.
 */
export interface RecordQueue {
  /** Records held and not settled, as far as they are known: a dead process' segments are counted as they are opened. */
  readonly length: number;
  /** Whether nothing is left to settle, counted or not. */
  readonly empty: boolean;
  /** Whether there is something to take. */
  readonly readable: boolean;
  /**
   * The oldest that are not out: at least one, otherwise at most `maxBytes` together. `undefined` when there are none.
   * @throws {SpoolReadError} if they cannot be read for the moment.
   */
  next(maxBytes: number): Promise<Batch | undefined>;
}

/** The records are there, but the system has no file handle left, no memory, or the like. */
export class SpoolReadError extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`cannot read the spool: ${code}`);
    this.code = code;
  }
}

/** Told of each record that a queue gives up on or finds. */
export interface QueueEvents {
  dropped(count: number, reason: string): void;
  /** Records of another process that this one now answers for. */
  found(count: number): void;
}
