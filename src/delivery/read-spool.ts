import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCursor } from './cursor.ts';
import { scanRecords } from './record.ts';
import { DEAD_LETTERS, listFiles, listNames, listSegments, processDirectories, QUARANTINE } from './spool-layout.ts';

export interface SpooledRecord {
  /** JSON text of one OTLP `ResourceSpans` with one span. */
  record: string;
  /** Folder of its destination: a Langfuse host and project, or `local-...` without keys. */
  destination: string;
  /** Whether Langfuse has it: it lies here as long as its segment does. */
  delivered: boolean;
}

/**
 * Every intact record on disk, of living and dead processes, oldest first within each process. Reading changes
 * nothing and needs no lock: what is deleted meanwhile is left out. Holds one segment (16 MB) in memory.
 */
export async function* readSpool(root: string): AsyncGenerator<SpooledRecord> {
  for (const destination of listNames(root)) {
    for (const { directory } of processDirectories(path.join(root, destination))) {
      for await (const stored of recordsOf(directory)) yield { ...stored, destination };
    }
  }
}

/** The intact records of one process' directory, oldest first. */
async function* recordsOf(directory: string): AsyncGenerator<Omit<SpooledRecord, 'destination'>> {
  for (const { path: file, sequence } of listSegments(directory)) {
    const buffer = await readFile(file).catch(() => undefined);
    if (!buffer) continue;
    const cursor = readCursor(directory);
    const deliveredTo = sequence === cursor.sequence ? cursor.offset : sequence < cursor.sequence ? buffer.length : 0;
    for (const { bytes, end } of scanRecords(buffer).records) {
      yield { record: bytes.toString(), delivered: end <= deliveredTo };
    }
  }
}

/** What lies on disk for one destination. */
export interface SpoolStatus {
  destination: string;
  /** Processes that have records here. */
  processes: { living: number; dead: number };
  /** Size of the segments; what is delivered of a segment counts until the segment is deleted. */
  bytes: number;
  /** When the oldest segment was last written, in milliseconds since the epoch. */
  oldest?: number;
  deadLetterBytes: number;
  quarantinedBytes: number;
}

/** What lies in the spool, by destination, from names and sizes only. */
export function spoolStatus(root: string): SpoolStatus[] {
  return listNames(root).map((destination) => statusOf(path.join(root, destination)));
}

function statusOf(folder: string): SpoolStatus {
  const directories = processDirectories(folder);
  const segments = directories.flatMap(({ directory }) => listSegments(directory));
  const living = directories.filter(({ alive }) => alive).length;
  return {
    destination: path.basename(folder),
    processes: { living, dead: directories.length - living },
    bytes: totalBytes(segments),
    ...(segments.length > 0 && { oldest: Math.min(...segments.map(({ modifiedAt }) => modifiedAt)) }),
    deadLetterBytes: totalBytes(listFiles(path.join(folder, DEAD_LETTERS))),
    quarantinedBytes: totalBytes(listFiles(path.join(folder, QUARANTINE))),
  };
}

function totalBytes(files: readonly { bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
