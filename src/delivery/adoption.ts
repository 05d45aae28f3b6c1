import { mkdirSync, renameSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { newDirectoryName } from './process-identity.ts';
import { PRIVATE_DIRECTORY, processDirectories } from './spool-layout.ts';

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
