import type { IncomingMessage } from 'node:http';
import type { Destination } from '../../delivery/spool-layout.ts';
import { ask, type Question } from '../../network/ask.ts';
import { connectionTo, networkTo } from '../../network/connection.ts';
import { HttpError } from '../http-reply.ts';

const TIMEOUT_MS = 30_000;

/** The path is from `/api/public/` on. */
type LangfuseRequest = Omit<Question, 'timeoutMs'>;

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
  const connection = connectionTo(base, networkTo(base));
  const prefix = base.pathname.replace(/\/+$/, '');

  return {
    async ask(request) {
      const headers = { host: base.host, ...request.headers };
      try {
        return await ask(connection, { ...request, path: prefix + request.path, headers, timeoutMs: TIMEOUT_MS });
      } catch (error) {
        const { code = 'no answer' } = error as NodeJS.ErrnoException;
        throw new HttpError(502, `Langfuse cannot be reached (${code})`);
      }
    },
  };
}
