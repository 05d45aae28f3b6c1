import { mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { deadDirectories } from './adoption.ts';
import { isLocalName, listNames, localName, PRIVATE_DIRECTORY } from './spool-layout.ts';

/** What ended processes of apps in other working directories left without keys: a delivery here leaves it alone. */
export function otherLocalDirectories(root: string): string[] {
  return listNames(root)
    .filter((name) => isLocalName(name) && name !== localName())
    .flatMap((name) => deadDirectories(path.join(root, name)));
}

/**
 * Moves directories to those of the current working directory, from where a delivery takes them. One that another
 * process takes meanwhile is left to it.
 * @throws what the file system throws if the folder cannot be made.
 */
export function moveToLocal(root: string, directories: readonly string[]): void {
  const folder = path.join(root, localName());
  mkdirSync(folder, { recursive: true, mode: PRIVATE_DIRECTORY });
  for (const directory of directories) {
    try {
      renameSync(directory, path.join(folder, path.basename(directory)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
