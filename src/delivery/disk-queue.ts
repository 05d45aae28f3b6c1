import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { guard } from '../util/guard.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { encodeRecords, scanRecords } from './record.ts';
import { type Batch, type QueueEvents, type RecordQueue, SpoolReadError } from './record-queue.ts';
import { type Damage, Segment, type Slice } from './segment.ts';
import { listSegments, PRIVATE_DIRECTORY, PRIVATE_FILE, QUARANTINE, segmentFile } from './spool-layout.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** What a file does not recover from: somebody removed it, or the device fails. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'EIO']);

export interface DiskQueueOptions {
  directory: string;
  /** Above it, whole segments are dropped, oldest first. */
  maxBytes: number;
  /** Wait for the device at every append. */
  sync: boolean;
  events: QueueEvents;
}

/**
 * The records of one spool directory, in segments of 16 MB. Appending is synchronous, so that nothing is in flight
 * when the process ends: it costs some 5 µs a record, most of it encoding, because the page cache takes it.
 *
 * The directory is made at the first append, and a segment is deleted when its last record is settled: a process
 * without records leaves nothing behind.
 */
export class DiskQueue implements RecordQueue {
  readonly #options: DiskQueueOptions;
  readonly #segmentBytes: number;
  #segments: Segment[] = [];
  #lastSequence = 0;
  /** The segment of which a batch is being sent. It is not dropped: its records may be delivered at this moment. */
  #out: Segment | undefined;

  constructor(options: DiskQueueOptions) {
    this.#options = options;
    // Segments are dropped whole: of a small spool, one must not be most of it.
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.ceil(options.maxBytes / 8));
  }

  /** The queue that another process left in `directory`. */
  static adopt(options: DiskQueueOptions): DiskQueue {
    const queue = new DiskQueue(options);
    const cursor = readCursor(options.directory);
    queue.#segments = listSegments(options.directory)
      .filter(({ sequence }) => sequence >= cursor.sequence)
      .map((file) => Segment.found(file, file.sequence === cursor.sequence ? cursor.offset : 0));
    queue.#lastSequence = queue.#segments.at(-1)?.sequence ?? 0;
    return queue;
  }

  get directory(): string {
    return this.#options.directory;
  }

  get length(): number {
    return this.#segments.reduce((sum, { records }) => sum + records, 0);
  }

  get empty(): boolean {
    return this.#segments.length === 0;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes, start }) => sum + bytes - (start ?? bytes), 0);
  }

  /** @throws what the file system throws; then none of the records is in the queue. */
  append(records: readonly string[]): void {
    const encoded = encodeRecords(records);
    this.#makeRoom(encoded.length);
    const segment = this.#writableSegment(encoded.length);
    try {
      segment.append(encoded, records.length, this.#options.sync);
    } catch (error) {
      if (segment.bytes === 0) this.#remove(segment);
      throw error;
    }
  }

  async next(maxBytes: number): Promise<Batch | undefined> {
    for (let head = this.#segments[0]; head; head = this.#segments[0]) {
      try {
        const suspected = !head.checked;
        if (suspected) await this.#recover(head);
        const slice = head.records > 0 ? await head.read(maxBytes) : undefined;
        // A cap may have taken the segment while it was read.
        if (this.#segments[0] !== head) continue;
        if (slice) return this.#batch(head, slice);
        if (head.records === 0) this.#remove(head);
        else if (suspected) this.#drop(head, 'unreadable');
        else this.#suspect(head);
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
        if (!GONE.has(code)) throw new SpoolReadError(code);
        this.#drop(head, 'unreadable');
      }
    }
    return undefined;
  }

  /** When the oldest segment that may be dropped was last written; `undefined` if there is none. */
  get oldest(): number | undefined {
    return this.#oldest?.modifiedAt;
  }

  dropOldest(reason: string): void {
    const oldest = this.#oldest;
    if (oldest) this.#drop(oldest, reason);
  }

  /** Tells other processes that this directory has an owner. */
  touch(): void {
    if (this.empty) return;
    try {
      utimesSync(this.directory, new Date(), new Date());
    } catch {
      // Removed by somebody: the next append makes it anew.
    }
  }

  /** Stops writing; without records the directory goes too. The queue can still be used. */
  close(): void {
    for (const segment of this.#segments) segment.seal();
    if (this.empty && existsSync(this.directory)) rmSync(this.directory, { recursive: true, force: true });
  }

  get #oldest(): Segment | undefined {
    return this.#segments.find((segment) => segment !== this.#out);
  }

  #writableSegment(bytes: number): Segment {
    const last = this.#segments.at(-1);
    if (last?.writable && last.bytes + bytes <= this.#segmentBytes) return last;
    last?.seal();
    mkdirSync(this.directory, { recursive: true, mode: PRIVATE_DIRECTORY });
    const sequence = this.#lastSequence + 1;
    const segment = Segment.create(segmentFile(this.directory, sequence), sequence);
    if (this.#options.sync) syncDirectory(this.directory);
    this.#lastSequence = sequence;
    this.#segments.push(segment);
    return segment;
  }

  #makeRoom(bytes: number): void {
    while (this.#oldest && this.bytes + bytes > this.#options.maxBytes) this.dropOldest('disk-cap');
  }

  #batch(segment: Segment, { records, end }: Slice): Batch {
    this.#out = segment;
    return {
      records,
      settle: () => {
        this.#out = undefined;
        segment.settle(end, records.length);
        if (segment.start === undefined) this.#remove(segment);
        else writeCursor(this.directory, { sequence: segment.sequence, offset: segment.start });
        return records.length;
      },
    };
  }

  /** What was written is not what is read: nothing more goes there, and what is left is searched for records. */
  #suspect(segment: Segment): void {
    segment.seal();
    segment.checked = false;
  }

  async #recover(segment: Segment): Promise<void> {
    const known = segment.records;
    const damage = await segment.recover();
    if (!this.#segments.includes(segment)) return;
    for (const piece of damage) this.#quarantine(segment, piece);
    // How many records a damaged range held is not known: it counts as one, unless this process wrote them.
    const found = Math.max(0, segment.records + damage.length - known);
    const lost = known + found - segment.records;
    if (found > 0) this.#options.events.found(found);
    if (lost > 0) this.#options.events.dropped(lost, 'damaged');
  }

  #quarantine(segment: Segment, { start, bytes }: Damage): void {
    const folder = path.join(path.dirname(this.directory), QUARANTINE);
    const name = `${path.basename(this.directory)}-${segment.sequence}-${start}.damaged`;
    try {
      mkdirSync(folder, { recursive: true, mode: PRIVATE_DIRECTORY });
      writeFileSync(path.join(folder, name), bytes, { mode: PRIVATE_FILE });
    } catch {
      // It is counted all the same.
    }
  }

  #drop(segment: Segment, reason: string): void {
    if (!this.#segments.includes(segment)) return;
    const found = segment.checked || segment.records > 0 ? 0 : countRecords(segment);
    if (found > 0) this.#options.events.found(found);
    this.#options.events.dropped(segment.records + found, reason);
    this.#remove(segment);
  }

  #remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
    try {
      segment.remove();
    } catch {
      // It stays on disk, as does a file system that turned read-only.
    }
  }
}

/** For a segment that is dropped unread: records as far as they are undelivered, 1 if not even that can be told. */
function countRecords(segment: Segment): number {
  try {
    const { records } = scanRecords(readFileSync(segment.path));
    return records.filter(({ start }) => start >= (segment.start ?? 0)).length;
  } catch {
    return 1;
  }
}

/** A synced file is only found after a power cut if its directory was synced too. Not every system can. */
function syncDirectory(directory: string): void {
  guard('fsync', () => {
    const file = openSync(directory, 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}
