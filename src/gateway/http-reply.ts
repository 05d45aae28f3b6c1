import type { Readable } from 'node:stream';
import { defined } from '../util/json-read.ts';

/** What a request is answered. */
export interface Reply {
  status: number;
  headers?: Readonly<Record<string, string | string[]>>;
  /** A stream is passed on as it comes. */
  body?: string | Uint8Array | Readable;
}

export function jsonReply(status: number, value: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** A request that is answered with an error: what was wrong, and what to do. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param retryAfter seconds after which to try again */
  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.headers = defined({
      'retry-after': retryAfter === undefined ? undefined : String(retryAfter),
      'www-authenticate': status === 401 ? 'Bearer' : undefined,
    }) as Record<string, string>;
  }
}
