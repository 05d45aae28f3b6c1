import { deadDirectories } from './adoption.ts';
import { type DeliveryOptions, sourceFolders } from './create-delivery.ts';
import { recordsOf } from './read-spool.ts';

/**
 * What ended processes recorded for this destination of late, delivered or not, oldest first of each process: a restarted
 * process rebuilds from it what it has counted. Delivered records are there as far as their process retained them
 * (`retainMs`). Call it before `createDelivery`, which takes over what it reads. Holds one segment (16 MB) in memory.
 * @param sinceMs milliseconds since the epoch: segments last written before are left out. One that was written to since
 * may begin earlier.
 */
export async function* recentRecords(options: DeliveryOptions, sinceMs: number): AsyncGenerator<string> {
  for (const directory of sourceFolders(options).flatMap(deadDirectories)) {
    for await (const { record } of recordsOf(directory, sinceMs)) yield record;
  }
}
