import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { ensureClients } from '../support/ensure-clients.ts';

/**
 * Puts an app of this folder into `test/clients`, where its imports resolve as in a real app.
 * @returns the file to start
 */
export function placeApp(name: string): string {
  const directory = path.join(ensureClients(), 'apps');
  const file = path.join(directory, name);
  mkdirSync(directory, { recursive: true });
  cpSync(path.join(import.meta.dirname, 'apps', name), file);
  return file;
}
