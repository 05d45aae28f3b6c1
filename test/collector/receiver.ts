import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { decodeProtobuf } from '../../src/gateway/decode-protobuf.ts';
import { TRACES } from '../../src/gateway/otlp-schema.ts';
import { type ReceivedSpan, toReceivedSpans } from '../../src/gateway/received-span.ts';

interface OtlpRequest {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Takes OTLP/HTTP with protobuf as a vendor, a gateway or Langfuse does, and keeps it. */
export interface Receiver {
  url: string;
  requests: OtlpRequest[];
  /** In order of arrival; a span sent twice is there twice. */
  spans: ReceivedSpan[];
}

/** @param port one that a receiver before this one had. */
export async function startReceiver(port = 0): Promise<Receiver> {
  const receiver: Receiver = { url: '', requests: [], spans: [] };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { url: requestPath = '', headers } = request;
      receiver.requests.push({ path: requestPath, headers, body });
      if (requestPath.endsWith('/v1/traces'))
        receiver.spans.push(...toReceivedSpans(decodeProtobuf(body, TRACES)).spans);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
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

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const bytes = Buffer.concat(await request.toArray());
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
}
