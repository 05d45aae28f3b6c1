import type { Json, JsonObject } from '../model/json.ts';
import type { CallError, LlmCall } from '../model/llm-call.ts';
import type { Problem } from '../model/problem.ts';
import type { RequestReading, ResponseReading, StreamAssembler } from '../protocol/protocol.ts';
import { inferProvider } from '../protocol/provider.ts';
import { asObject, defined, parseJson } from '../util/json-read.ts';
import { decompress } from '../wire/decompress.ts';
import { lastObjectOf } from '../wire/json-fragment.ts';
import { SseParser } from '../wire/sse.ts';
import type { Exchange, RequestBody } from './exchange.ts';
import { errorMessage, errorType, type Outcome } from './outcome.ts';

/** Request bodies above this many characters are not parsed: they are media, and parsing would hold up the event loop. */
const MAX_REQUEST_LENGTH = 8 * 1024 * 1024;

/** Reads a finished exchange into a call. Pure but for the decoding; takes whatever bodies there are. */
export function readExchange(exchange: Exchange, maxTextLength: number): LlmCall {
  const { protocol, url } = exchange;
  const problems: Problem[] = [];
  const request = readRequest(exchange, problems);
  const response = readResponse(exchange, maxTextLength, problems);
  const error = response.error ?? clientError(exchange);
  const streamed = request.parameters.stream === true || exchange.isEventStream;
  return {
    operation: protocol.operation,
    provider: inferProvider(url.host, url.path, protocol),
    server: serverOf(url),
    ...request,
    ...response,
    ...defined({
      error,
      timeToFirstChunk:
        streamed && exchange.firstChunkAt !== undefined
          ? (exchange.firstChunkAt - exchange.startedAt) / 1000
          : undefined,
    }),
    problems,
  };
}

/** Reads what a long stream has buffered, so that its bytes need not wait in memory for the end. */
export function readBacklog(exchange: Exchange, maxTextLength: number): void {
  streamReading(exchange, maxTextLength).push(exchange.body.takeHead());
}

function readRequest(exchange: Exchange, problems: Problem[]): RequestReading {
  const text = textOf(exchange.requestBody);
  if (text !== undefined && text.length > MAX_REQUEST_LENGTH) {
    problems.push({ code: 'request-too-large', message: `The request of ${text.length} characters was not read.` });
    return {
      parameters: {},
      ...defined({ requestModel: /"model"\s*:\s*"([^"]{1,256})"/.exec(text.slice(0, 65_536))?.[1] }),
    };
  }
  const body = text === undefined ? undefined : asObject(parseJson(text));
  if (!body) problems.push({ code: 'request-unread', message: 'The request body could not be seen or is not JSON.' });
  return exchange.protocol.readRequest(body ?? {});
}

function readResponse(exchange: Exchange, maxTextLength: number, problems: Problem[]): ResponseReading {
  const { protocol, status } = exchange;
  if (status === undefined) return unread(exchange, problems);
  const failed = status >= 400;
  if (!failed && exchange.isEventStream) return readStream(exchange, maxTextLength, problems);

  const body = wholeBody(exchange, maxTextLength, problems);
  if (failed) return { error: { ...protocol.readError(body, status), status } };
  if (body) return protocol.readResponse(body);
  return unread(exchange, problems);
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

function readStream(exchange: Exchange, maxTextLength: number, problems: Problem[]): ResponseReading {
  const reading = streamReading(exchange, maxTextLength);
  const text = exchange.textBody;
  reading.push(text === undefined ? decoded(exchange, problems) : [Buffer.from(text)]);
  reading.end();
  if (!reading.assembler.complete) {
    problems.push({
      code: 'stream-incomplete',
      message: `The stream ended before the provider finished it (${exchange.outcome?.kind ?? 'exit'}); usage may be missing.`,
    });
  }
  const body = reading.assembler.body();
  return body ? exchange.protocol.readResponse(body) : {};
}

/** The JSON object of a response that was not read as a stream of events. */
function wholeBody(exchange: Exchange, maxTextLength: number, problems: Problem[]): JsonObject | undefined {
  if (exchange.parsedBody !== undefined) return asObject(exchange.parsedBody as Json);
  const { truncated, tail } = exchange.body;
  const text = exchange.textBody ?? Buffer.concat(decoded(exchange, problems)).toString('utf8');
  if (!truncated) return asObject(parseJson(text)) ?? sniffStream(exchange, text, maxTextLength);
  problems.push({ code: 'body-truncated', message: 'The response was too long to keep; only its usage was read.' });
  const usage = exchange.contentEncoding ? undefined : lastObjectOf(Buffer.concat(tail).toString('utf8'), 'usage');
  const model = /"model"\s*:\s*"([^"]{1,256})"/.exec(text.slice(0, 65_536))?.[1];
  return defined({ model, usage });
}

/** Some servers send events without saying so in the content type. */
function sniffStream(exchange: Exchange, text: string, maxTextLength: number): JsonObject | undefined {
  if (!/^\s*(data|event|:)/.test(text)) return undefined;
  const reading = new StreamReading(exchange.protocol.streamAssembler(maxTextLength));
  reading.push([Buffer.from(text)]);
  reading.end();
  return reading.assembler.body();
}

function decoded(exchange: Exchange, problems: Problem[]): Uint8Array[] {
  const chunks = exchange.body.takeHead();
  if (!exchange.contentEncoding) return chunks;
  const bytes = decompress(Buffer.concat(chunks), exchange.contentEncoding);
  if (bytes) return [bytes];
  problems.push({
    code: 'undecodable',
    message: `The response could not be decoded (content-encoding ${exchange.contentEncoding}).`,
  });
  return [];
}

/** The error of an exchange that got no response or whose response broke off, as the app saw it. */
function clientError(exchange: Exchange): CallError | undefined {
  const { outcome, status } = exchange;
  if (outcome?.kind === 'failed') {
    return { type: errorType(outcome.error), ...defined({ message: errorMessage(outcome.error), status }) };
  }
  // An abort is only an error of the call if nothing of the answer had arrived.
  if (outcome?.kind === 'cancelled' && status === undefined) return { type: 'AbortError' };
  return undefined;
}

function serverOf({ host, secure }: Exchange['url']): { address: string; port: number } {
  const [, address = host, port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return { address, port: port ? Number(port) : secure ? 443 : 80 };
}

function textOf(body: RequestBody | undefined): string | undefined {
  if (typeof body === 'string' || body === undefined) return body;
  return Buffer.concat(body instanceof Uint8Array ? [body] : body).toString('utf8');
}

/** Events of one stream on their way into the protocol's assembler. */
class StreamReading {
  readonly assembler: StreamAssembler;
  readonly #parser = new SseParser();

  constructor(assembler: StreamAssembler) {
    this.assembler = assembler;
  }

  push(chunks: readonly Uint8Array[]): void {
    for (const event of this.#parser.push(Buffer.concat(chunks))) this.#assemble(event);
  }

  end(): void {
    for (const event of this.#parser.end()) this.#assemble(event);
  }

  #assemble(event: { event?: string; data: string }): void {
    const data = asObject(parseJson(event.data));
    if (data) this.assembler.push({ data, ...defined({ event: event.event }) });
  }
}

const streamReadings = new WeakMap<Exchange, StreamReading>();

function streamReading(exchange: Exchange, maxTextLength: number): StreamReading {
  const existing = streamReadings.get(exchange);
  if (existing) return existing;
  const reading = new StreamReading(exchange.protocol.streamAssembler(maxTextLength));
  streamReadings.set(exchange, reading);
  return reading;
}
