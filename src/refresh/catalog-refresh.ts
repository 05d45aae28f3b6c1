import { createHash } from 'node:crypto';
import { renewCatalog } from '../cost/catalog.ts';
import { PriceTableError, readGenaiPrices } from '../cost/genai-prices.ts';
import { notify } from '../util/diagnostics.ts';
import { guard, guardAsync } from '../util/guard.ts';
import { defined, parseJson } from '../util/json-read.ts';
import { type Download, download } from './download.ts';
import { KeptCopy } from './kept-copy.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How soon it is tried again after it failed. */
const RETRY_MS = 60 * 60 * 1000;

/** Where newer prices are. */
export interface PriceSource {
  /** Of a table as genai-prices publishes it. */
  url: string;
  /** Where its last good copy is kept; absent: nowhere. */
  directory?: string;
}

/**
 * Keeps the built-in prices up to date: with the copy of the last time, then from the network, at once and every day.
 * A source that is bad or does not answer changes nothing. Whoever prices a call never waits for any of it, and it keeps
 * no process alive.
 */
export class CatalogRefresh {
  readonly #url: URL;
  readonly #copy: KeptCopy | undefined;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout;
  #etag: string | undefined;

  constructor({ url, directory }: PriceSource) {
    this.#url = new URL(url);
    this.#copy = directory === undefined ? undefined : new KeptCopy(directory, this.#url);
    // Not now: this is where the app starts.
    this.#timer = setTimeout(() => void guardAsync('price refresh', () => this.#begin()), 0).unref();
  }

  /** The prices stay as they are. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopping.abort();
  }

  async #begin(): Promise<void> {
    const kept = await this.#copy?.read();
    // A copy that this version cannot read is downloaded again.
    if (kept && !this.#isStopped) guard('kept prices', () => this.#use(kept));
    await this.#look();
  }

  async #look(): Promise<void> {
    const isDone = await this.#refresh();
    if (this.#isStopped) return;
    const look = (): void => void guardAsync('price refresh', () => this.#look());
    this.#timer = setTimeout(look, isDone ? DAY_MS : RETRY_MS).unref();
  }

  async #refresh(): Promise<boolean> {
    try {
      const { signal } = this.#stopping;
      const found = await download(this.#url, { signal, ...defined({ etag: this.#etag }) });
      if (found !== 'unchanged') {
        signal.throwIfAborted();
        this.#use(found);
        await this.#copy?.write(found);
      }
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.#isStopped)
        notify('warn', 'prices-url', `prices at ${this.#place}: ${reason}. The prices in force stay.`);
      return false;
    }
  }

  /** @throws {PriceTableError} and nothing has changed. */
  #use({ text, etag }: Download): void {
    const table = parseJson(text);
    if (table === undefined) throw new PriceTableError('it is no JSON');
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
    renewCatalog(`${this.#place} sha256:${digest}`, readGenaiPrices(table));
    this.#etag = etag;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** The address without what may be secret in it. */
  get #place(): string {
    return `${this.#url.host}${this.#url.pathname}`;
  }
}
