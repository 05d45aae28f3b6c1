import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { decode, encodingOf } from '../../src/gateway/decode.ts';
import { TRACES } from '../../src/gateway/otlp-schema.ts';
import { type ReceivedSpan, toReceivedSpans } from '../../src/gateway/received-span.ts';

interface OtlpRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Takes OTLP/HTTP as a vendor, a gateway or Langfuse does, and keeps it. */
export interface Receiver {
  url: string;
  requests: OtlpRequest[];
  /** In order of arrival; a span sent twice is there twice. */
  spans: ReceivedSpan[];
  /** What it answers; unless it is 200, it takes nothing. */
  status: number;
}

/** @param port one that a receiver before this one had. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const receiver: Receiver = { url: '', requests: [], spans: [], status: 200 };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (receiver.status === 200) keep(receiver, request, body);
      response.writeHead(receiver.status, { 'content-type': request.headers['content-type'] }).end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}

function keep({ requests, spans }: Receiver, { url = '', headers }: IncomingMessage, body: Buffer): void {
  requests.push({ path: url, headers, body });
  const encoding = encodingOf(headers['content-type']);
  if (encoding && url.endsWith('/v1/traces')) spans.push(...toReceivedSpans(decode(body, encoding, TRACES)).spans);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const bytes = Buffer.concat(await request.toArray());
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
}
