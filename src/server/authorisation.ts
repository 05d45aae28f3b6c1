import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Whether two secrets are the same. How long it takes says nothing about either. */
export function isSameSecret(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

/** Whether a request has this secret as its bearer token. */
export function hasBearer({ headers }: IncomingMessage, secret: string): boolean {
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return isSameSecret(given, secret);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Lets a server that asks for no secret listen only where no other machine reaches it.
 * @throws {RangeError}
 */
export function assertProtected(host: string, token: string | undefined): void {
  if (token === undefined && !isLoopback(host))
    throw new RangeError(`other machines reach ${host}: set a token, or listen on 127.0.0.1`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
