import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

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
  'transfer-encoding',
  'upgrade',
]);

/** What a provider does not get: who asks, by which way, and what is meant for us. */
const NOT_SENT = /^(?:x-langfuse-|x-forwarded-|(?:forwarded|via|x-real-ip|host)$)/;

/** The headers to ask an upstream with: the client's, spelled as they came. */
export function requestHeaders(request: IncomingMessage, host: string): OutgoingHttpHeaders {
  /** By lower-case name. */
  const fields = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of endToEnd(request)) {
    const key = name.toLowerCase();
    if (NOT_SENT.test(key)) continue;
    const field = fields.get(key);
    if (field) field.values.push(value);
    else fields.set(key, { name, values: [value] });
  }
  const headers: OutgoingHttpHeaders = { Host: host };
  for (const { name, values } of fields.values()) headers[name] = values.length === 1 ? values[0] : values;
  // A body of unknown length stays one, whatever the method.
  if (request.headers['transfer-encoding'] !== undefined) headers['Transfer-Encoding'] = 'chunked';
  return headers;
}

/** The headers of an upstream's answer, as they came: names and values in turn. */
export function responseHeaders(answer: IncomingMessage): string[] {
  return endToEnd(answer).flat();
}

/** The trailers of a message in the form in which they can be added to another. */
export function trailersOf({ rawTrailers }: IncomingMessage): [name: string, value: string][] {
  return pairs(rawTrailers);
}

function endToEnd({ headers, rawHeaders }: IncomingMessage): [name: string, value: string][] {
  const named = (headers.connection ?? '').toLowerCase().split(/[\s,]+/);
  return pairs(rawHeaders).filter(([name]) => {
    const key = name.toLowerCase();
    return !HOP_BY_HOP.has(key) && !named.includes(key);
  });
}

function pairs(raw: readonly string[]): [name: string, value: string][] {
  const result: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) result.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return result;
}
