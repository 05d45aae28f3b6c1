import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { readCursor, writeCursor } from './cursor.ts';
import { encodeRecords, scanRecords } from './record.ts';
import { quarantine } from './quarantine.ts';
import { type Batch, type QueueEvents, type RecordQueue, SpoolReadError } from './record-queue.ts';
import { Segment, type Slice } from './segment.ts';
import { listSegments, PRIVATE_DIRECTORY, segmentFile } from './spool-layout.ts';
import { syncDirectories, syncDirectoriesNow, syncFile } from './sync.ts';

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** What a file does not recover from: somebody removed it, or the device fails. */
const GONE = new Set(['ENOENT', 'ENOTDIR', 'EIO']);

export interface DiskQueueOptions {
  directory: string;
  /** Above it, whole segments are dropped, oldest first. */
  maxBytes: number;
  /** Wait for the device at every append. */
  sync: boolean;
  /** How long segments are kept after their last record was written and all of them are settled. */
  retainMs?: number;
  events: QueueEvents;
}

/**
 * The records of one spool directory, in segments of 16 MB. Appending is synchronous, so that nothing is in flight
 * when the process ends: it costs some 5 µs a record, most of it encoding, because the page cache takes it.
 *
 * The directory is made at the first append, and a segment is deleted when its last record is settled or, where it is
 * to be retained, some time after: a process without records leaves nothing behind.
 */
export class DiskQueue implements RecordQueue {
  readonly #options: DiskQueueOptions;
  readonly #segmentBytes: number;
  /** In the order they were written, those that are settled and retained among them. */
  #segments: Segment[] = [];
  #lastSequence = 0;
  /** Written to since they were last synced. */
  #unsynced = new Set<Segment>();
  #directoryUnsynced = false;

  constructor(options: DiskQueueOptions) {
    this.#options = options;
    // Segments are dropped whole: of a small spool, one must not be most of it.
    this.#segmentBytes = Math.min(SEGMENT_BYTES, Math.ceil(options.maxBytes / 8));
  }

  /** The queue that another process left in `directory`. */
  static adopt(options: DiskQueueOptions): DiskQueue {
    const queue = new DiskQueue(options);
    const cursor = readCursor(options.directory);
    queue.#segments = listSegments(options.directory).map((file) => {
      if (file.sequence < cursor.sequence) return Segment.found(file, file.bytes);
      return Segment.found(file, file.sequence === cursor.sequence ? cursor.offset : 0);
    });
    queue.#lastSequence = queue.#segments.at(-1)?.sequence ?? 0;
    queue.expire();
    return queue;
  }

  get directory(): string {
    return this.#options.directory;
  }

  get length(): number {
    return this.#segments.reduce((sum, { records }) => sum + records, 0);
  }

  get empty(): boolean {
    return this.#segments.every(({ settled }) => settled);
  }

  get readable(): boolean {
    return this.#head !== undefined;
  }

  /** Whether nothing is on disk, not even what is retained. */
  get vacant(): boolean {
    return this.#segments.length === 0;
  }

  /** What is not settled, and what is retained. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes, start }) => sum + bytes - (start ?? 0), 0);
  }

  /**
   * Above the cap, the oldest records are dropped.
   * @throws what the file system throws; then none of the records is in the queue.
   */
  append(records: readonly string[]): void {
    this.#write(encodeRecords(records), records.length);
  }

  /**
   * Rather refuses than drops what is not settled.
   * @returns whether there was room.
   * @throws what the file system throws; then none of the records is in the queue.
   */
  appendIfRoom(records: readonly string[]): boolean {
    const encoded = encodeRecords(records);
    const unsettled = this.#segments.reduce((sum, { bytes, start = bytes }) => sum + bytes - start, 0);
    if (unsettled + encoded.length > this.#options.maxBytes) return false;
    this.#write(encoded, records.length);
    return true;
  }

  /** Resolves when everything appended so far would survive the machine. @throws what the file system throws. */
  async sync(): Promise<void> {
    const segments = this.#unsynced;
    this.#unsynced = new Set();
    try {
      for (const segment of segments) await syncFile(segment.path);
      if (this.#directoryUnsynced) await syncDirectories(this.directory);
      this.#directoryUnsynced = false;
    } catch (error) {
      for (const segment of segments) this.#unsynced.add(segment);
      throw error;
    }
  }

  async next(maxBytes: number): Promise<Batch | undefined> {
    for (let head = this.#head; head; head = this.#head) {
      try {
        const suspected = !head.checked;
        if (suspected) await this.#recover(head);
        const slice = await head.take(maxBytes);
        // A cap may have taken the segment while it was read.
        if (!this.#segments.includes(head)) continue;
        if (slice) return this.#batch(head, slice);
        if (!head.readable) this.#finish(head);
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

  /** Remembers what is in the queue now. The answer says whether all of it is settled. */
  mark(): () => boolean {
    const { sequence: last = 0, bytes: end = 0 } = this.#segments.at(-1) ?? {};
    return () =>
      this.#segments.every(
        ({ sequence, start }) => start === undefined || sequence > last || (sequence === last && start >= end),
      );
  }

  /** Whether the segment to be dropped next is delivered, and when it was last written; `undefined` if there is none. */
  get droppable(): { settled: boolean; modifiedAt: number } | undefined {
    return this.#droppable;
  }

  /** Drops the oldest segment of those that are settled, else of all that are not being sent. */
  dropOldest(reason: string): void {
    const oldest = this.#droppable;
    if (oldest?.settled) this.#remove(oldest);
    else if (oldest) this.#drop(oldest, reason);
  }

  /** Deletes what was retained long enough. */
  expire(): void {
    const { retainMs = 0 } = this.#options;
    const notBefore = Date.now() - retainMs;
    for (const segment of this.#segments) {
      if (segment.settled && (retainMs === 0 || segment.modifiedAt < notBefore)) this.#remove(segment);
    }
  }

  /** Tells other processes that this directory has an owner. */
  touch(): void {
    if (this.vacant) return;
    try {
      utimesSync(this.directory, new Date(), new Date());
    } catch {
      // Removed by somebody: the next append makes it anew.
    }
  }

  /** Stops writing; without records the directory goes too. The queue can still be used. */
  close(): void {
    for (const segment of this.#segments) segment.seal();
    if (this.vacant && existsSync(this.directory)) rmSync(this.directory, { recursive: true, force: true });
  }

  get #head(): Segment | undefined {
    return this.#segments.find(({ readable }) => readable);
  }

  get #droppable(): Segment | undefined {
    return this.#segments.find(({ settled }) => settled) ?? this.#segments.find(({ isOut }) => !isOut);
  }

  #write(encoded: Buffer, count: number): void {
    while (this.#droppable && this.bytes + encoded.length > this.#options.maxBytes) this.dropOldest('disk-cap');
    const segment = this.#writableSegment(encoded.length);
    try {
      segment.append(encoded, count, this.#options.sync);
    } catch (error) {
      if (segment.bytes === 0) this.#remove(segment);
      throw error;
    }
    if (!this.#options.sync) this.#unsynced.add(segment);
  }

  #writableSegment(bytes: number): Segment {
    const last = this.#segments.at(-1);
    if (last?.writable && last.bytes + bytes <= this.#segmentBytes) return last;
    last?.seal();
    mkdirSync(this.directory, { recursive: true, mode: PRIVATE_DIRECTORY });
    const sequence = this.#lastSequence + 1;
    const segment = Segment.create(segmentFile(this.directory, sequence), sequence);
    if (this.#options.sync) syncDirectoriesNow(this.directory);
    else this.#directoryUnsynced = true;
    this.#lastSequence = sequence;
    this.#segments.push(segment);
    return segment;
  }

  #batch(segment: Segment, slice: Slice): Batch {
    return {
      records: slice.records,
      settle: () => {
        segment.settle(slice);
        this.#finish(segment);
        this.#writeCursor();
        return slice.records.length;
      },
      giveBack: () => segment.giveBack(slice),
    };
  }

  /** Everything before the first record that is not settled is delivered; what is behind it may be, and is sent again. */
  #writeCursor(): void {
    const unsettled = this.#segments.find(({ settled }) => !settled);
    const at = unsettled ?? this.#segments.at(-1);
    if (at) writeCursor(this.directory, { sequence: at.sequence, offset: at.start ?? at.bytes });
  }

  #finish(segment: Segment): void {
    if (segment.settled && !this.#options.retainMs) this.#remove(segment);
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
    for (const piece of damage) quarantine(this.directory, segment.sequence, piece);
    // How many records a damaged range held is not known: it counts as one, unless this process wrote them.
    const found = Math.max(0, segment.records + damage.length - known);
    const lost = known + found - segment.records;
    if (found > 0) this.#options.events.found(found);
    if (lost > 0) this.#options.events.dropped(lost, 'damaged');
  }

  /** Gives up what was not taken of a segment; what is being sent may still arrive. */
  #drop(segment: Segment, reason: string): void {
    if (!this.#segments.includes(segment)) return;
    const found = segment.checked || segment.records > 0 ? 0 : countRecords(segment);
    if (found > 0) this.#options.events.found(found);
    this.#options.events.dropped(segment.forgetUnread() + found, reason);
    segment.seal();
    if (segment.settled) this.#remove(segment);
  }

  #remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
    this.#unsynced.delete(segment);
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
