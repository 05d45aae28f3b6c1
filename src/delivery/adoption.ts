import { mkdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import type { DiskQueue } from './disk-queue.ts';
import { newDirectoryName } from './process-identity.ts';
import { DEAD_LETTERS, listFiles, PRIVATE_DIRECTORY, processDirectories, QUARANTINE } from './spool-layout.ts';

/** The directories in a destination's folder whose processes are gone. */
export function deadDirectories(folder: string): string[] {
  return processDirectories(folder)
    .filter(({ alive }) => !alive)
    .map(({ directory }) => directory);
}

/**
 * Makes a dead process' directory one of this process in `folder`. Renaming is atomic: of several processes one
 * succeeds.
 * @returns the new path, or `undefined` if another was first.
 */
export function claimDirectory(directory: string, folder: string): string | undefined {
  const claimed = path.join(folder, newDirectoryName());
  try {
    mkdirSync(folder, { recursive: true, mode: PRIVATE_DIRECTORY });
    // Before the rename, so that it never looks abandoned under its new name.
    utimesSync(directory, new Date(), new Date());
    renameSync(directory, claimed);
    return claimed;
  } catch {
    return undefined;
  }
}

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
