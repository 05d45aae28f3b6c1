import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../network/ask.ts';
import { type Connection, connectionTo, networkTo } from '../network/connection.ts';
import { notify } from '../util/diagnostics.ts';
import { guardAsync } from '../util/guard.ts';

/** Another OTLP endpoint that gets what the gateway gets. */
export interface PassOnTarget {
  /** As `OTEL_EXPORTER_OTLP_ENDPOINT` has it: `/v1/traces` is added. */
  url: string;
  /** Added to each request, such as the key of a vendor. */
  headers?: Readonly<Record<string, string>>;
}

export interface PassOnCounters {
  passed: number;
  dropped: number;
  waitingBytes: number;
}

/** What waits in memory for one target; what is beyond is dropped. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** A request that failed for this long is dropped. */
const MAX_AGE_MS = 5 * 60_000;
const PARALLEL = 4;
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;
/** How long the end of the gateway waits for what is under way. */
const CLOSE_MS = 2_000;

/** Of the client's own headers, what says how to read the body. */
const KEPT_HEADERS = ['content-type', 'content-encoding'] as const;

interface Waiting {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  since: number;
}

/**
 * Passes requests on as they came, byte for byte. It is beside the way to Langfuse, which waits for none of it: what the
 * target does not take in time is dropped and counted. Who must not lose it puts a collector with a queue in front.
 */
export class PassOn {
  readonly #url: URL;
  readonly #headers: PassOnTarget['headers'];
  readonly #connection: Connection;
  readonly #waiting: Waiting[] = [];
  readonly #stop = new AbortController();
  #waitingBytes = 0;
  #passed = 0;
  #dropped = 0;
  readonly #workers = new Set<Promise<unknown>>();

  constructor({ url, headers }: PassOnTarget) {
    this.#url = new URL(url);
    this.#headers = headers;
    this.#connection = connectionTo(this.#url, networkTo(this.#url));
  }

  /** For people and metrics: the rest of the address may hold a key. */
  get host(): string {
    return this.#url.host;
  }

  counters(): PassOnCounters {
    return { passed: this.#passed, dropped: this.#dropped, waitingBytes: this.#waitingBytes };
  }

  offer(path: string, headers: IncomingHttpHeaders, body: Buffer): void {
    if (this.#waitingBytes + body.length > MAX_WAITING_BYTES) return this.#drop('it is too slow');
    const kept = KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
    this.#waiting.push({ path, headers: Object.fromEntries(kept), body, since: Date.now() });
    this.#waitingBytes += body.length;
    if (this.#workers.size < PARALLEL) this.#work();
  }

  /** Gives what is waiting a last moment. */
  async close(): Promise<void> {
    // It keeps the process: nothing else may, and what awaits this has more to do.
    const timer = setTimeout(() => this.#stop.abort(), CLOSE_MS);
    await Promise.all(this.#workers);
    clearTimeout(timer);
  }

  #work(): void {
    const worker = guardAsync('pass-on', async () => {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
        const outcome = await this.#deliver(next);
        this.#waitingBytes -= next.body.length;
        if (outcome === 'passed') this.#passed++;
        else this.#drop(outcome);
      }
    });
    this.#workers.add(worker);
    void worker.then(() => this.#workers.delete(worker));
  }

  #drop(reason: string): void {
    this.#dropped++;
    notify('warn', `pass-on:${this.host}`, `what came was not passed on to ${this.host}: ${reason}`);
  }

  /** `passed`, or why not. */
  async #deliver(request: Waiting): Promise<string> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
      const failure = await this.#send(request);
      if (failure === undefined) return 'passed';
      const isLate = Date.now() - request.since > MAX_AGE_MS;
      if (!failure.mayPass || isLate || this.#stop.signal.aborted) return failure.words;
      await sleep(pause * Math.random(), undefined, { signal: this.#stop.signal, ref: false }).catch(() => {});
    }
  }

  async #send({ path, headers, body }: Waiting): Promise<{ words: string; mayPass: boolean } | undefined> {
    const { pathname, search } = this.#url;
    try {
      // A redirect is not followed: the headers may hold a key, which belongs to this address.
      const answer = await ask(this.#connection, {
        method: 'POST',
        path: pathname.replace(/\/+$/, '') + path + search,
        headers: { ...headers, ...this.#headers },
        body,
        signal: this.#stop.signal,
        timeoutMs: TIMEOUT_MS,
      });
      answer.resume();
      const { statusCode: status = 0 } = answer;
      if (status >= 200 && status < 300) return undefined;
      return { words: `it answers ${status}`, mayPass: status === 429 || status >= 500 };
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException;
      return { words: `it cannot be reached (${code ?? name})`, mayPass: true };
    }
  }
}
