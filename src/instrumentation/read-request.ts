import type { JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { RequestReading } from '../protocol/protocol.ts';
import { asObject, defined, parseJson } from '../util/json-read.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import { modelAtHead } from '../wire/json-fragment.ts';
import { readFormData, readMultipart } from '../wire/multipart.ts';
import type { Exchange, RequestBody } from './exchange.ts';

/** Longer requests carry media; parsing them would hold up the event loop. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** What a protocol makes of the request. */
export function readRequest(exchange: Exchange, problems: Problem[]): RequestReading {
  const { form, text, isWhole } = contentOf(exchange.requestBody);
  const body = form ?? (isWhole ? asObject(parseJson(text)) : undefined);
  if (body) return exchange.protocol.readRequest(body, exchange.facts);
  problems.push(isWhole ? UNREAD : TOO_LARGE);
  return exchange.protocol.readRequest(defined({ model: modelAtHead(text) }), exchange.facts);
}

const UNREAD: Problem = { code: 'request-unread', message: 'The request body could not be seen or is not JSON.' };
const TOO_LARGE: Problem = { code: 'request-too-large', message: 'The request was too long to be read.' };

/** The text of a body, or the form that it is. */
function contentOf(body: RequestBody | undefined): { form?: JsonObject; text: string; isWhole: boolean } {
  if (body === undefined) return { text: '', isWhole: true };
  if (typeof body === 'string') return { text: body, isWhole: body.length <= MAX_LENGTH };
  if (body instanceof FormData) return { form: readFormData(body), text: '', isWhole: true };
  const isKept = !(body instanceof BodyBuffer) || !body.truncated;
  const bytes = bytesOf(body);
  const form = readMultipart(bytes, isKept);
  if (form) return { form, text: '', isWhole: true };
  const isWhole = isKept && (body instanceof BodyBuffer || bytes.length <= MAX_LENGTH);
  return { text: bytes.toString('utf8'), isWhole };
}

/** What was kept of the bytes; the middle of a long body may be missing. */
function bytesOf(body: Uint8Array | BodyBuffer): Buffer {
  return body instanceof BodyBuffer
    ? Buffer.concat([...body.takeHead(), ...body.tail])
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
