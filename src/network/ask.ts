import type { IncomingMessage } from 'node:http';
import type { Connection } from './connection.ts';

/** What is asked over a connection. */
export interface Question {
  method: string;
  /** With the query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Buffer;
  /** Ends it, such as when whoever asks has gone. */
  signal?: AbortSignal;
  /** Until the answer begins. */
  timeoutMs: number;
}

/** The answer did not begin in time. */
class AnswerTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Resolves when the answer begins; whoever asks is to read it. Redirects are given back as they are.
 * @throws {NodeJS.ErrnoException} what the system throws, or with `ETIMEDOUT` as its code.
 */
export function ask({ client, optionsFor }: Connection, question: Question): Promise<IncomingMessage> {
  const { method, path, headers, body, signal, timeoutMs } = question;
  const options = optionsFor(path);
  return new Promise((resolve, reject) => {
    const request = client.request({
      ...options,
      method,
      headers: { ...options.headers, ...headers, ...(body && { 'content-length': body.length }) },
      ...(signal && { signal }),
    });
    const timer = setTimeout(() => request.destroy(new AnswerTimeout()), timeoutMs).unref();
    request.on('response', resolve);
    request.on('error', reject);
    for (const event of ['response', 'close']) request.on(event, () => clearTimeout(timer));
    request.end(body);
  });
}
