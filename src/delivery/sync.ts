import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { guard, guardAsync } from '../util/guard.ts';

/**
 * Resolves when what was written to a file, by whatever handle, is on the device. A file that is gone needs none: its
 * records are delivered, or counted.
 * @throws what else the file system throws.
 */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  try {
    await handle?.datasync();
  } finally {
    await handle?.close();
  }
}

/** A synced file is only found after a power cut if the directories to it were synced too. Not every system can. */
export async function syncDirectories(directory: string): Promise<void> {
  await guardAsync('fsync', async () => {
    for (const each of [directory, path.dirname(directory)]) {
      const handle = await open(each, 'r');
      await handle.sync().finally(() => handle.close());
    }
  });
}

/** As {@link syncDirectories}, before it returns. */
export function syncDirectoriesNow(directory: string): void {
  guard('fsync', () => {
    for (const each of [directory, path.dirname(directory)]) {
      const file = openSync(each, 'r');
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    }
  });
}
