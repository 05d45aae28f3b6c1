import { rmSync } from 'node:fs';
import path from 'node:path';
import type { DiskQueue } from './disk-queue.ts';
import { DEAD_LETTERS, listFiles, QUARANTINE } from './spool-layout.ts';

/**
 * Holds queues together to the caps: first what is too old goes; then, of what is too much, the oldest of what is
 * delivered and only retained, and the oldest of the rest.
 */
export function enforceCaps(queues: readonly DiskQueue[], caps: { maxBytes: number; notBefore: number }): void {
  for (const queue of queues) {
    while ((queue.droppable?.modifiedAt ?? Number.POSITIVE_INFINITY) < caps.notBefore) queue.dropOldest('age');
  }
  for (;;) {
    const bytes = queues.reduce((sum, queue) => sum + queue.bytes, 0);
    const [oldest] = queues.filter((queue) => queue.droppable).sort(bySacrifice);
    if (!oldest || bytes <= caps.maxBytes) return;
    oldest.dropOldest('disk-cap');
  }
}

function bySacrifice({ droppable: a }: DiskQueue, { droppable: b }: DiskQueue): number {
  return Number(b?.settled) - Number(a?.settled) || (a?.modifiedAt ?? 0) - (b?.modifiedAt ?? 0);
}

/** Deletes dead letters and quarantined bytes that nobody looked at in time. */
export function deleteOldLeftovers(folder: string, notBefore: number): void {
  for (const kind of [DEAD_LETTERS, QUARANTINE]) {
    for (const file of listFiles(path.join(folder, kind))) {
      if (file.modifiedAt < notBefore) rmSync(file.path, { force: true });
    }
  }
}
