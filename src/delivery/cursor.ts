import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CURSOR, PRIVATE_FILE } from './spool-layout.ts';

/** How far a spool directory is delivered: everything before `offset` of segment `sequence`, and all segments before it. */
export interface Cursor {
  sequence: number;
  offset: number;
}

/** A cursor that is missing or unreadable is the beginning: records are rather sent twice than not at all. */
export function readCursor(directory: string): Cursor {
  try {
    const [, sequence, offset] = /^(\d+):(\d+)\n$/.exec(readFileSync(path.join(directory, CURSOR), 'utf8')) ?? [];
    return { sequence: Number(sequence ?? 0), offset: Number(offset ?? 0) };
  } catch {
    return { sequence: 0, offset: 0 };
  }
}

/** Best effort: a cursor that is behind costs a resend, which Langfuse recognises by span id. */
export function writeCursor(directory: string, { sequence, offset }: Cursor): void {
  try {
    writeFileSync(path.join(directory, CURSOR), `${sequence}:${offset}\n`, { mode: PRIVATE_FILE });
  } catch {
    // A full disk cannot be helped here.
  }
}
