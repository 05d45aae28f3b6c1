import { crc32 } from 'node:zlib';

/**
 * The spool's record format: `[length u32 | crc32 u32 | bytes]`, little endian. `length` counts `bytes` only; the
 * checksum covers the length field and the bytes, so that neither zeroed blocks nor a shifted length pass for a record.
 */
export const HEADER_BYTES = 8;

/** Longer than anything the pipeline lets through; a length above it is damage, not a record. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** What stands at an offset. `incomplete` says how many bytes the record would need; `damaged` that none starts here. */
export type Decoded = { record: Buffer; end: number } | { incomplete: number } | 'damaged';

/** The records of a byte range, and where it is not one. */
export interface Scan {
  /** Views into the scanned buffer. */
  records: { bytes: Buffer; start: number; end: number }[];
  /** Ranges that are no record although records or claimed bytes are there. */
  damaged: { start: number; end: number }[];
  /** Bytes of a last record that was being written when its process died. */
  tornBytes: number;
}

/** Frames the texts as consecutive records in one buffer. */
export function encodeRecords(records: readonly string[]): Buffer {
  const lengths = records.map((record) => Buffer.byteLength(record));
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + HEADER_BYTES + length, 0));
  let offset = 0;
  for (const [index, record] of records.entries()) {
    const length = lengths[index] ?? 0;
    const start = offset + HEADER_BYTES;
    const end = start + buffer.write(record, start, length);
    buffer.writeUInt32LE(length, offset);
    buffer.writeUInt32LE(checksum(buffer, offset, end), offset + 4);
    offset = end;
  }
  return buffer;
}

function checksum(buffer: Buffer, offset: number, end: number): number {
  return crc32(buffer.subarray(offset + HEADER_BYTES, end), crc32(buffer.subarray(offset, offset + 4)));
}

/** Reads the record that starts at `offset`. */
export function decodeRecord(buffer: Buffer, offset: number): Decoded {
  if (offset + HEADER_BYTES > buffer.length) return { incomplete: HEADER_BYTES };
  const length = buffer.readUInt32LE(offset);
  if (length === 0 || length > MAX_RECORD_BYTES) return 'damaged';
  const end = offset + HEADER_BYTES + length;
  if (end > buffer.length) return { incomplete: HEADER_BYTES + length };
  if (checksum(buffer, offset, end) !== buffer.readUInt32LE(offset + 4)) return 'damaged';
  return { record: buffer.subarray(offset + HEADER_BYTES, end), end };
}

/**
 * Reads a whole segment. Behind damage it finds the next record by its checksum, so one bad sector costs the records
 * in it and no others.
 */
export function scanRecords(buffer: Buffer): Scan {
  const scan: Scan = { records: [], damaged: [], tornBytes: 0 };
  let offset = 0;
  while (offset < buffer.length) {
    const decoded = decodeRecord(buffer, offset);
    if (typeof decoded === 'object' && 'record' in decoded) {
      scan.records.push({ bytes: decoded.record, start: offset, end: decoded.end });
      offset = decoded.end;
      continue;
    }
    const next = findRecord(buffer, offset + 1);
    if (next === undefined && isTorn(decoded, buffer, offset)) scan.tornBytes = buffer.length - offset;
    else scan.damaged.push({ start: offset, end: next ?? buffer.length });
    offset = next ?? buffer.length;
  }
  return scan;
}

const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

/** Records are JSON objects: testing the braces first keeps the search linear, a checksum is rarely computed in vain. */
function findRecord(buffer: Buffer, from: number): number | undefined {
  let brace = buffer.indexOf(BRACE_OPEN, from + HEADER_BYTES);
  for (; brace !== -1; brace = buffer.indexOf(BRACE_OPEN, brace + 1)) {
    const offset = brace - HEADER_BYTES;
    const end = brace + buffer.readUInt32LE(offset);
    if (end > buffer.length || buffer[end - 1] !== BRACE_CLOSE) continue;
    if (typeof decodeRecord(buffer, offset) === 'object') return offset;
  }
  return undefined;
}

/** A write cut short leaves a record that wants more bytes than there are, or blocks the file system never filled. */
function isTorn(decoded: Decoded, buffer: Buffer, offset: number): boolean {
  return typeof decoded === 'object' || buffer.subarray(offset).every((byte) => byte === 0);
}
