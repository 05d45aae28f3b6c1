import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { decodeRecord, HEADER_BYTES, type Scan, scanRecords } from './record.ts';
import { type FileStatus, PRIVATE_FILE } from './spool-layout.ts';

/** Bytes of a segment that hold nothing but intact records. */
interface Range {
  start: number;
  end: number;
}

/** Consecutive records, and where they are. */
export interface Slice extends Range {
  records: Buffer[];
}

/** Bytes that recovery could not read as records. */
export interface Damage {
  start: number;
  bytes: Buffer;
}

/** One file of records: written by its process from front to end, taken from front to end, settled in any order. */
export class Segment {
  readonly path: string;
  readonly sequence: number;
  bytes: number;
  modifiedAt: number;
  /** Whether the part that was not taken is known to be intact. */
  checked: boolean;
  /** The part that was not taken, and how many records it has; 0 until {@link Segment.recover} has looked. */
  #unread: Range[];
  #unreadRecords = 0;
  /** What is being sent. */
  readonly #out = new Set<Slice>();
  /** Whether this process wrote it. */
  #isOwn = false;
  /** Open while this process appends. */
  #file: number | undefined;

  private constructor(file: FileStatus & { sequence: number }, start: number, checked: boolean) {
    this.path = file.path;
    this.sequence = file.sequence;
    this.bytes = file.bytes;
    this.modifiedAt = file.modifiedAt;
    this.checked = checked;
    this.#unread = start < file.bytes ? [{ start, end: file.bytes }] : [];
  }

  /** A new file to append to. */
  static create(path: string, sequence: number): Segment {
    const file = openSync(path, 'ax', PRIVATE_FILE);
    const segment = new Segment({ path, sequence, bytes: 0, modifiedAt: Date.now() }, 0, true);
    segment.#file = file;
    segment.#isOwn = true;
    return segment;
  }

  /** A file that another process wrote and delivered up to `start`. */
  static found(file: FileStatus & { sequence: number }, start: number): Segment {
    return new Segment(file, start, false);
  }

  /** Unsettled records, as far as they are known. */
  get records(): number {
    return this.#unreadRecords + [...this.#out].reduce((sum, { records }) => sum + records.length, 0);
  }

  /** Offset of the first unsettled record; `undefined` if there is none. */
  get start(): number | undefined {
    const starts = [...this.#unread.slice(0, 1), ...this.#out].map(({ start }) => start);
    return starts.length > 0 ? Math.min(...starts) : undefined;
  }

  get settled(): boolean {
    return this.#unread.length + this.#out.size === 0;
  }

  /** Whether there is something to take. */
  get readable(): boolean {
    return this.#unread.length > 0;
  }

  /** Whether something of it is being sent. */
  get isOut(): boolean {
    return this.#out.size > 0;
  }

  /** Whether records can be appended: not to a file that was removed or taken over, where nobody would look for them. */
  get writable(): boolean {
    return this.#file !== undefined && existsSync(this.path);
  }

  /** @throws what the file system throws; then nothing is appended and the segment is sealed. */
  append(encoded: Buffer, count: number, sync: boolean): void {
    if (this.#file === undefined) throw new Error('append to a sealed segment');
    try {
      for (let written = 0; written < encoded.length;) written += writeSync(this.#file, encoded, written);
      if (sync) fdatasyncSync(this.#file);
    } catch (error) {
      this.#cutBack(this.#file);
      throw error;
    }
    const end = this.bytes + encoded.length;
    const last = this.#unread.at(-1);
    if (last?.end === this.bytes) last.end = end;
    else this.#unread.push({ start: this.bytes, end });
    this.bytes = end;
    this.#unreadRecords += count;
    this.modifiedAt = Date.now();
  }

  /** Removes a record written by half, which recovery would take for damage. */
  #cutBack(file: number): void {
    try {
      ftruncateSync(file, this.bytes);
    } finally {
      this.seal();
    }
  }

  /** No more records are appended. */
  seal(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /**
   * Takes the first records: at least one, otherwise at most `maxBytes` with their headers.
   * @returns `undefined` if the bytes are not what was written: see {@link Segment.recover}.
   */
  async take(maxBytes: number): Promise<Slice | undefined> {
    const range = this.#unread[0];
    if (!range) return undefined;
    const { start, end } = range;
    let chunk = await readRange(this.path, start, Math.min(Math.max(maxBytes, HEADER_BYTES), end - start));
    const first = decodeRecord(chunk, 0);
    if (typeof first === 'object' && 'incomplete' in first && first.incomplete <= end - start) {
      chunk = await readRange(this.path, start, first.incomplete);
    }
    const slice: Slice = { records: [], start, end: start };
    for (;;) {
      const decoded = decodeRecord(chunk, slice.end - start);
      if (typeof decoded !== 'object' || !('record' in decoded)) break;
      slice.records.push(decoded.record);
      slice.end = start + decoded.end;
    }
    if (slice.records.length === 0) return undefined;
    // It may have grown meanwhile.
    if (slice.end < range.end) range.start = slice.end;
    else this.#unread.shift();
    this.#unreadRecords -= slice.records.length;
    this.#out.add(slice);
    return slice;
  }

  settle(slice: Slice): void {
    this.#out.delete(slice);
  }

  giveBack(slice: Slice): void {
    this.#out.delete(slice);
    this.#unread.unshift({ start: slice.start, end: slice.end });
    this.#unread.sort((a, b) => a.start - b.start);
    this.#unreadRecords += slice.records.length;
  }

  /** Gives up what was not taken. Returns how many records that is. */
  forgetUnread(): number {
    const forgotten = this.#unreadRecords;
    this.#unread = [];
    this.#unreadRecords = 0;
    return forgotten;
  }

  /** Finds the intact records of a file that a crash or the device may have damaged. Returns what is none. */
  async recover(): Promise<Damage[]> {
    const buffer = await readFile(this.path);
    const scan = scanRecords(buffer);
    const from = this.#resumeAt(scan);
    const unread = scan.records.filter(({ start }) => start >= from);
    this.#unreadRecords = unread.length;
    this.#unread = joinRanges(unread);
    this.checked = true;
    return scan.damaged
      .filter(({ end }) => end > from)
      .map(({ start, end }) => ({ start, bytes: buffer.subarray(start, end) }));
  }

  /**
   * Where this process wrote or took records, it knows. Of what another left, an offset between records cannot be
   * trusted: then everything is sent again, which Langfuse tells apart.
   */
  #resumeAt({ records }: Scan): number {
    const from = this.#unread[0]?.start ?? this.bytes;
    return this.#isOwn || records.some(({ start }) => start === from) ? from : 0;
  }

  remove(): void {
    this.seal();
    rmSync(this.path, { force: true });
  }
}

function joinRanges(records: Scan['records']): Range[] {
  const ranges: Range[] = [];
  for (const { start, end } of records) {
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}

/** Bytes of a file; fewer if it ends before. */
async function readRange(path: string, start: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
