import type { Json, JsonObject } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import type { OpaqueBody, ResponseReading } from '../protocol/protocol.ts';
import { asObject, asObjects, defined, parseJson } from '../util/json-read.ts';
import { decompress } from '../wire/decompress.ts';
import { type Framing, sniffFraming } from '../wire/framing.ts';
import { lastObjectOf, modelAtHead } from '../wire/json-fragment.ts';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';
import { StreamReading, streamReadingOf } from './stream-reading.ts';

/** Where providers put the usage of a response. */
const USAGE_KEYS = ['usage', 'usageMetadata', 'meta'] as const;

/** What a protocol makes of the response that an exchange got, whole, streamed, cut or failed. */
export function readResponse(exchange: Exchange, maxTextLength: number, problems: Problem[]): ResponseReading {
  const { protocol, status, framing } = exchange;
  if (status === undefined) return unread(exchange, problems);
  const failed = status >= 400;
  const mediaType = failed || framing ? undefined : opaqueTypeOf(exchange);
  if (mediaType !== undefined && protocol.readOpaque)
    return protocol.readOpaque(opaqueBody(exchange, mediaType, problems));
  const body =
    framing && !failed
      ? streamedBody(exchange, framing, maxTextLength, problems)
      : wholeBody(exchange, maxTextLength, problems);
  if (failed) return { error: { ...protocol.readError(body, status, exchange.facts), status } };
  if (body) return protocol.readResponse(body, exchange.facts);
  return framing ? {} : unread(exchange, problems);
}

function unread({ outcome }: Exchange, problems: Problem[]): ResponseReading {
  // A response that failed says so as an error.
  const kind = outcome?.kind ?? 'exit';
  if (kind !== 'failed') problems.push({ code: 'response-unread', message: UNREAD[kind] });
  return {};
}

const UNREAD: Record<Exclude<Outcome['kind'], 'failed'>, string> = {
  finished: 'The response body is not JSON.',
  cancelled: 'The app stopped before the response was read.',
  unread: 'The app never read the response.',
  exit: 'The process ended before the response was read.',
};

function streamedBody(
  exchange: Exchange,
  framing: Framing,
  maxTextLength: number,
  problems: Problem[],
): JsonObject | undefined {
  const reading = streamReadingOf(exchange, framing, maxTextLength);
  reading.push(bytesOf(exchange, problems));
  const { body, complete } = reading.end(exchange.withheld);
  if (!complete) {
    problems.push({
      code: 'stream-incomplete',
      message: `The stream ended before the provider finished it (${exchange.outcome?.kind ?? 'exit'}); usage may be missing.`,
    });
  }
  return body;
}

/** The media type of a response that says it is no JSON. */
function opaqueTypeOf({ responseHeader, parsedBody, outcome }: Exchange): string | undefined {
  if (outcome?.kind !== 'finished') return undefined;
  const mediaType = responseHeader('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return parsedBody !== undefined || mediaType?.includes('json') ? undefined : mediaType;
}

function opaqueBody(exchange: Exchange, mimeType: string, problems: Problem[]): OpaqueBody {
  const { body, textBody, contentEncoding } = exchange;
  const stated = contentEncoding ? NaN : Number(exchange.responseHeader('content-length') ?? NaN);
  const kept = textBody === undefined && !body.truncated && body.byteLength > 0 ? body.byteLength : undefined;
  return {
    mimeType,
    ...defined({ byteLength: Number.isSafeInteger(stated) ? stated : kept }),
    text: () => Buffer.from(bytesOf(exchange, problems)).toString('utf8'),
  };
}

/** The JSON object of a response that does not say it is a stream. */
function wholeBody(exchange: Exchange, maxTextLength: number, problems: Problem[]): JsonObject | undefined {
  if (exchange.parsedBody !== undefined) return bodyOf(exchange, exchange.parsedBody as Json, maxTextLength);
  const { truncated, tail } = exchange.body;
  const bytes = bytesOf(exchange, problems);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!truncated) {
    const parsed = parseJson(text);
    return parsed === undefined ? sniffedBody(exchange, bytes, maxTextLength) : bodyOf(exchange, parsed, maxTextLength);
  }
  problems.push({ code: 'body-truncated', message: 'The response was too long to keep; only its usage was read.' });
  const end = exchange.contentEncoding ? '' : Buffer.concat(tail).toString('utf8');
  const usage = Object.fromEntries(USAGE_KEYS.map((key) => [key, lastObjectOf(end, key)]));
  return defined({ model: modelAtHead(text), ...usage });
}

/** A JSON array is a stream too, of an API that puts its events into one. */
function bodyOf(exchange: Exchange, parsed: Json, maxTextLength: number): JsonObject | undefined {
  if (!Array.isArray(parsed)) return asObject(parsed);
  const assembler = exchange.protocol.streamAssembler(maxTextLength);
  for (const data of asObjects(parsed)) assembler.push({ data });
  return assembler.body();
}

/** Some servers send events without saying so in the content type. */
function sniffedBody(exchange: Exchange, bytes: Uint8Array, maxTextLength: number): JsonObject | undefined {
  const framing = sniffFraming(bytes);
  if (!framing) return undefined;
  const reading = new StreamReading(exchange.protocol, framing, maxTextLength);
  reading.push(bytes);
  return reading.end().body;
}

/** The bytes of the body as far as they were kept and not read yet, without their content encoding. */
function bytesOf(exchange: Exchange, problems: Problem[]): Uint8Array {
  if (exchange.textBody !== undefined) return Buffer.from(exchange.textBody);
  const bytes = Buffer.concat(exchange.body.takeHead());
  const decoded = decompress(bytes, exchange.contentEncoding);
  if (decoded) return decoded;
  problems.push({
    code: 'undecodable',
    message: `The response could not be decoded (content-encoding ${exchange.contentEncoding}).`,
  });
  return new Uint8Array();
}
