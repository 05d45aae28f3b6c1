import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { scanRecords } from './record.ts';
import { listNames, listSegments, processDirectories } from './spool-layout.ts';

/** What one segment holds. */
export interface SegmentCheck {
  path: string;
  records: number;
  /** Bytes between records that are none: what was there is lost. */
  damagedBytes: number;
  /** Bytes of a last record that was not written to its end: its process was killed, or is writing it now. */
  tornBytes: number;
}

/** Reads every segment on disk and checks every record's checksum. Changes nothing; holds one segment in memory. */
export async function* verifySpool(root: string): AsyncGenerator<SegmentCheck> {
  for (const destination of listNames(root)) {
    for (const { directory } of processDirectories(path.join(root, destination))) {
      for (const { path: file } of listSegments(directory)) {
        const buffer = await readFile(file).catch((error: NodeJS.ErrnoException) => {
          // Delivered and deleted meanwhile.
          if (error.code === 'ENOENT') return undefined;
          throw error;
        });
        if (!buffer) continue;
        const { records, damaged, tornBytes } = scanRecords(buffer);
        const damagedBytes = damaged.reduce((sum, { start, end }) => sum + end - start, 0);
        yield { path: file, records: records.length, damagedBytes, tornBytes };
      }
    }
  }
}
