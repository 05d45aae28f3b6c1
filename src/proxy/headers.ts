import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { endToEndHeaders, headerPairs } from '../server/end-to-end-headers.ts';

/** What a provider does not get: who asks, by which way, and what is meant for us. */
const NOT_SENT = /^(?:x-langfuse-|x-forwarded-|(?:forwarded|via|x-real-ip|host)$)/;

/** The headers to ask an upstream with: the client's, spelled as they came. */
export function requestHeaders(request: IncomingMessage, host: string): OutgoingHttpHeaders {
  /** By lower-case name. */
  const fields = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of endToEndHeaders(request)) {
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
  return endToEndHeaders(answer).flat();
}

/** The trailers of a message in the form in which they can be added to another. */
export function trailersOf({ rawTrailers }: IncomingMessage): [name: string, value: string][] {
  return headerPairs(rawTrailers);
}
