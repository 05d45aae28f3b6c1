import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** One request as the sink saw it. */
export interface SinkRequest {
  headers: IncomingMessage['headers'];
  url: string;
  bytes: number;
  spanIds: string[];
  /** The OTLP request as JSON text. */
  body: string;
  /** When it was there, in milliseconds since the epoch. */
  at: number;
}

/** What to answer; `hang` never answers, `cut` closes the connection. */
export type SinkAnswer = { status: number; headers?: Record<string, string>; body?: unknown } | 'hang' | 'cut';

export interface LangfuseSink {
  readonly baseUrl: string;
  readonly requests: SinkRequest[];
  /** Ids of the spans that were accepted, in order, repetitions included. */
  readonly accepted: string[];
  /** Decides about each request; by default everything is accepted. */
  answer: (request: SinkRequest) => SinkAnswer | Promise<SinkAnswer>;
  close(): Promise<void>;
}

export const ACCEPT: SinkAnswer = { status: 200, body: {} };

/** What Langfuse says of a request with a span it cannot read. */
export const BAD_REQUEST: SinkAnswer = { status: 400, body: { message: 'Invalid request data', error: 'bad span' } };

/** Stands in for Langfuse's OTLP endpoint on loopback, over TLS where it is given a certificate, and misbehaves as told. */
export async function startSink(
  answer: LangfuseSink['answer'] = () => ACCEPT,
  tls?: ServerOptions,
): Promise<LangfuseSink> {
  const sink: Omit<LangfuseSink, 'baseUrl' | 'close'> = { requests: [], accepted: [], answer };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void handle(sink, request, response);
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(sink, {
    baseUrl: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  });
}

async function handle(
  sink: Omit<LangfuseSink, 'baseUrl' | 'close'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    return; // The client went away.
  }
  const encoded = Buffer.concat(chunks);
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(encoded) : encoded;
  const { headers, url = '' } = request;
  const text = body.toString();
  const at = performance.timeOrigin + performance.now();
  const spanIds = spanIdsOf(JSON.parse(text) as TraceRequest);
  const seen: SinkRequest = { headers, url, bytes: body.length, spanIds, body: text, at };
  sink.requests.push(seen);
  const answer = await sink.answer(seen);
  if (answer === 'hang') return;
  if (answer === 'cut') return void request.socket.destroy();
  if (answer.status < 300) sink.accepted.push(...seen.spanIds);
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(JSON.stringify(answer.body ?? {}));
}

interface TraceRequest {
  resourceSpans: { scopeSpans: { spans: { spanId: string }[] }[] }[];
}

function spanIdsOf({ resourceSpans }: TraceRequest): string[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ spanId }) => spanId)),
  );
}
