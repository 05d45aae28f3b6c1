import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isAlive, parseDirectoryName } from './process-identity.ts';

/**
 * The spool on disk:
 *
 *     <root>/<destination>/<process>/<segment>.records   records, append only
 *                                    cursor              how far they are delivered
 *     <root>/<destination>/dead-letters/<process>.jsonl  records that Langfuse refuses, with its reason
 *     <root>/<destination>/quarantine/<process>-<n>.damaged
 *
 * Names with a dot at their beginning are no part of it: the last copy of a price table is beside the destinations.
 *
 * A destination is one Langfuse project, or a working directory as long as there are no keys.
 */
export const DEAD_LETTERS = 'dead-letters';
export const QUARANTINE = 'quarantine';
export const CURSOR = 'cursor';

/** Spools hold prompts and answers: nobody else may read them. */
export const PRIVATE_DIRECTORY = 0o700;
export const PRIVATE_FILE = 0o600;

/** Where records go and who sends them. */
export interface Destination {
  /** Without a trailing slash. */
  baseUrl: string;
  publicKey: string;
  secretKey: string;
}

/** Directory name of a Langfuse project: records of one are never delivered to another. */
export function destinationName({ baseUrl, publicKey }: Destination): string {
  const host = new URL(baseUrl).host.replaceAll(/[^a-z0-9.-]/gi, '_');
  return `${host}-${shortHash(`${baseUrl}\n${publicKey}`)}`;
}

/** Directory name where records wait for keys: of the directory the app runs in, so that projects do not mix. */
export function localName(): string {
  return `local-${shortHash(workingDirectory())}`;
}

export function isLocalName(name: string): boolean {
  return /^local-[0-9a-f]{12}$/.test(name);
}

/** Throws no error where the directory was removed under the app. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const SEGMENT = /^(\d{8})\.records$/;

export function segmentFile(directory: string, sequence: number): string {
  return path.join(directory, `${String(sequence).padStart(8, '0')}.records`);
}

export interface FileStatus {
  path: string;
  bytes: number;
  modifiedAt: number;
}

/** The segments of a process' directory, oldest first. A directory that is gone has none. */
export function listSegments(directory: string): (FileStatus & { sequence: number })[] {
  return listFiles(directory)
    .flatMap((file) => {
      const [, sequence] = SEGMENT.exec(path.basename(file.path)) ?? [];
      return sequence ? [{ ...file, sequence: Number(sequence) }] : [];
    })
    .sort((a, b) => a.sequence - b.sequence);
}

/** The plain files of a directory, by name. Others may remove them at any time: what is gone is left out. */
export function listFiles(directory: string): FileStatus[] {
  return listNames(directory).flatMap((name) => {
    const file = path.join(directory, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats?.isFile() ? [{ path: file, bytes: stats.size, modifiedAt: stats.mtimeMs }] : [];
  });
}

export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    return [];
  }
}

/** The directories of a destination's processes, and whether those live. */
export function processDirectories(folder: string): { directory: string; alive: boolean }[] {
  return listNames(folder).flatMap((name) => {
    const owner = parseDirectoryName(name);
    const directory = path.join(folder, name);
    const stats = owner && statSync(directory, { throwIfNoEntry: false });
    return stats ? [{ directory, alive: isAlive(owner, Date.now() - stats.mtimeMs) }] : [];
  });
}
