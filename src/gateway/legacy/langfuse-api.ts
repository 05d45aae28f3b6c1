import type { IncomingMessage } from 'node:http';
import { readNetwork } from '../../config/network.ts';
import { connectionTo } from '../../delivery/connection.ts';
import type { Destination } from '../../delivery/spool-layout.ts';
import { HttpError } from '../http-reply.ts';

/** Until an answer begins. */
const TIMEOUT_MS = 30_000;

/** What Langfuse is asked. */
interface LangfuseRequest {
  method: string;
  /** Path and query, from `/api/public/` on. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Buffer;
  /** Ends it, such as when the client has gone. */
  signal?: AbortSignal;
}

/** Langfuse's own API: what the gateway does not do itself. */
export interface LangfuseApi {
  /**
   * Resolves when the answer begins. Redirects are given back as they are.
   * @throws {HttpError} 502 if Langfuse cannot be reached.
   */
  ask(request: LangfuseRequest): Promise<IncomingMessage>;
}

/** Reached as the spans are: through the proxy and with the certificates of the environment. */
export function langfuseApi({ baseUrl }: Destination): LangfuseApi {
  const base = new URL(baseUrl);
  const { client, options } = connectionTo(base, readNetwork(base).network);
  const isProxied = /^https?:/.test(String(options.path));

  return {
    ask({ method, path, headers, body, signal }) {
      const url = new URL(base.pathname.replace(/\/+$/, '') + path, base);
      return new Promise((resolve, reject) => {
        const request = client.request({
          ...options,
          method,
          path: isProxied ? url.href : url.pathname + url.search,
          headers: { host: base.host, ...options.headers, ...headers, ...(body && { 'content-length': body.length }) },
          ...(signal && { signal }),
        });
        const timer = setTimeout(() => request.destroy(), TIMEOUT_MS).unref();
        request.on('response', (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        request.on('error', ({ code = 'no answer' }: NodeJS.ErrnoException) => {
          clearTimeout(timer);
          reject(new HttpError(502, `Langfuse cannot be reached (${code})`));
        });
        request.end(body);
      });
    },
  };
}
