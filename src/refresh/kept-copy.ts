import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { asObject, asString, defined, parseJson } from '../util/json-read.ts';
import type { Download } from './download.ts';

/** The last good table of prices from one address, on disk, so that the next process starts with it. */
export class KeptCopy {
  readonly #file: string;

  /** @param directory root of the spools, which passes over names with a dot. */
  constructor(directory: string, url: URL) {
    this.#file = path.join(directory, `.prices-${createHash('sha256').update(url.href).digest('hex').slice(0, 12)}`);
  }

  /** Nothing if there is none, or none that can be read. */
  async read(): Promise<Download | undefined> {
    const kept = asObject(parseJson(await readFile(this.#file, 'utf8').catch(() => '')));
    const text = asString(kept?.text);
    return text === undefined ? undefined : { text, ...defined({ etag: asString(kept?.etag) }) };
  }

  /** Keeps it where that is possible: without a copy, the next process downloads the table again. */
  async write(copy: Download): Promise<void> {
    // Other processes read the file meanwhile, and must not see half of it.
    const fresh = `${this.#file}.${process.pid}-${threadId}`;
    try {
      await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
      await writeFile(fresh, JSON.stringify(copy), { mode: 0o600 });
      await rename(fresh, this.#file);
    } catch {
      await rm(fresh, { force: true }).catch(() => {});
    }
  }
}
