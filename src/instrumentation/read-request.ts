import type { Problem } from '../model/problem.ts';
import type { RequestReading } from '../protocol/protocol.ts';
import { asObject, defined, parseJson } from '../util/json-read.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import type { Exchange, RequestBody } from './exchange.ts';
import { factsOf } from './read-response.ts';

/** Characters in which the model of a request too long to read is looked for. */
const HEAD_LENGTH = 64 * 1024;
/** Longer requests carry media; parsing them would hold up the event loop. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** What a protocol makes of the request. */
export function readRequest(exchange: Exchange, problems: Problem[]): RequestReading {
  const { text, isWhole } = textOf(exchange.requestBody);
  const body = isWhole ? asObject(parseJson(text)) : undefined;
  if (body) return exchange.protocol.readRequest(body, factsOf(exchange));
  problems.push(isWhole ? UNREAD : TOO_LARGE);
  const model = /"model"\s*:\s*"([^"]{1,256})"/.exec(text.slice(0, HEAD_LENGTH))?.[1];
  return exchange.protocol.readRequest(defined({ model }), factsOf(exchange));
}

const UNREAD: Problem = { code: 'request-unread', message: 'The request body could not be seen or is not JSON.' };
const TOO_LARGE: Problem = { code: 'request-too-large', message: 'The request was too long to be read.' };

function textOf(body: RequestBody | undefined): { text: string; isWhole: boolean } {
  if (body === undefined) return { text: '', isWhole: true };
  const isWhole = body instanceof BodyBuffer ? !body.truncated : body.length <= MAX_LENGTH;
  if (typeof body === 'string') return { text: body, isWhole };
  const bytes = body instanceof BodyBuffer ? Buffer.concat(body.takeHead()) : body;
  return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'), isWhole };
}
