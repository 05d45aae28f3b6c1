import type { JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { RequestReading } from '../protocol/protocol.ts';
import { asObject, defined, parseJson } from '../util/json-read.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import { readFormData, readMultipart } from '../wire/multipart.ts';
import type { Exchange, RequestBody } from './exchange.ts';
import { factsOf } from './read-response.ts';

/** Characters in which the model of a request too long to read is looked for. */
const HEAD_LENGTH = 64 * 1024;
/** Longer requests carry media; parsing them would hold up the event loop. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** What a protocol makes of the request. */
export function readRequest(exchange: Exchange, problems: Problem[]): RequestReading {
  const { form, text, isWhole } = contentOf(exchange.requestBody);
  const body = form ?? (isWhole ? asObject(parseJson(text)) : undefined);
  if (body) return exchange.protocol.readRequest(body, factsOf(exchange));
  problems.push(isWhole ? UNREAD : TOO_LARGE);
  const model = /"model"\s*:\s*"([^"]{1,256})"/.exec(text.slice(0, HEAD_LENGTH))?.[1];
  return exchange.protocol.readRequest(defined({ model }), factsOf(exchange));
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
