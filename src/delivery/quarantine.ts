import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Damage } from './segment.ts';
import { PRIVATE_DIRECTORY, PRIVATE_FILE, QUARANTINE } from './spool-layout.ts';

/** Keeps the bytes of a process' segment that are no record, beside its directory. What cannot be kept is counted all the same. */
export function quarantine(directory: string, sequence: number, { start, bytes }: Damage): void {
  const folder = path.join(path.dirname(directory), QUARANTINE);
  const name = `${path.basename(directory)}-${sequence}-${start}.damaged`;
  try {
    mkdirSync(folder, { recursive: true, mode: PRIVATE_DIRECTORY });
    writeFileSync(path.join(folder, name), bytes, { mode: PRIVATE_FILE });
  } catch {
    // A full disk cannot be helped here.
  }
}
