import type { IncomingMessage } from 'node:http';

/**
 * Fields that are about one connection, beside those that `Connection` names.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  // Announces what only chunks can carry: whoever passes the message on may send it otherwise, and Node refuses that.
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Says where the body ends: without it the rest of a body would be taken for the next message. */
const FRAMING = 'content-length';

/** The headers of a message that are meant for whoever it is passed on to, as they came. */
export function endToEndHeaders({ headers, rawHeaders }: IncomingMessage): [name: string, value: string][] {
  const named = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  return headerPairs(rawHeaders).filter(([name]) => {
    const key = name.toLowerCase();
    return key === FRAMING || !(HOP_BY_HOP.has(key) || named.includes(key));
  });
}

/** Raw headers or trailers of `node:http`, two by two. */
export function headerPairs(raw: readonly string[]): [name: string, value: string][] {
  const result: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) result.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return result;
}
