import { readFile } from 'node:fs/promises';
import { deadDirectories } from './adoption.ts';
import { type DeliveryOptions, sourceFolders } from './create-delivery.ts';
import { scanRecords } from './record.ts';
import { listSegments } from './spool-layout.ts';

/** Which records are recent. */
interface Recent {
  /** Milliseconds since the epoch: segments last written before are left out. One written to since may begin earlier. */
  sinceMs: number;
  /** The last so many, and the others of the segment that the first of them is in. */
  maxRecords: number;
}

/**
 * What ended processes recorded for this destination of late, delivered or not, oldest first of each process: a restarted
 * process rebuilds from it what it has counted. Delivered records are there as far as their process retained them
 * (`retainMs`). Call it before `createDelivery`, which takes over what it reads. Holds one segment (16 MB) in memory.
 */
export async function* recentRecords(
  options: DeliveryOptions,
  { sinceMs, maxRecords }: Recent,
): AsyncGenerator<string> {
  const segments = sourceFolders(options)
    .flatMap(deadDirectories)
    .flatMap(listSegments)
    .filter(({ modifiedAt }) => modifiedAt >= sinceMs)
    .sort((a, b) => a.modifiedAt - b.modifiedAt || a.sequence - b.sequence);
  let first = segments.length;
  // Counting reads no record: what an outage left may be many times what is remembered.
  for (let count = 0; first > 0 && count < maxRecords; first--) count += (await scan(segments[first - 1]?.path)).length;
  for (const { path } of segments.slice(first)) for (const { bytes } of await scan(path)) yield bytes.toString();
}

/** A file that is gone meanwhile has none. */
async function scan(file = ''): Promise<{ bytes: Buffer }[]> {
  const buffer = await readFile(file).catch(() => undefined);
  return buffer ? scanRecords(buffer).records : [];
}
