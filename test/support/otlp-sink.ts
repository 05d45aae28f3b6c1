import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A span as it arrived, attributes as plain values. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code: number; message?: string };
  attributes: Record<string, unknown>;
  scope: string;
}

/** A local stand-in for Langfuse's OTLP endpoint that accepts everything while it answers with 200. */
export interface OtlpSink {
  url: string;
  /** What it answers with; 200 at first. */
  status: number;
  /** In order of arrival; a span sent twice is there twice. */
  spans: ReceivedSpan[];
  close(): Promise<void>;
}

interface OtlpKeyValue {
  key: string;
  value: { stringValue?: string; intValue?: string | number; doubleValue?: number; boolValue?: boolean } & {
    arrayValue?: { values: OtlpKeyValue['value'][] };
  };
}

interface OtlpSpan extends Omit<ReceivedSpan, 'attributes' | 'scope' | 'status'> {
  attributes?: OtlpKeyValue[];
  status?: { code?: number; message?: string };
}

interface OtlpRequest {
  resourceSpans: { scopeSpans: { scope?: { name?: string }; spans: OtlpSpan[] }[] }[];
}

export async function startOtlpSink(): Promise<OtlpSink> {
  const sink = { status: 200, spans: [] as ReceivedSpan[] };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (sink.status === 200 && request.url?.endsWith('/v1/traces')) sink.spans.push(...received(body));
      response.writeHead(sink.status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(sink, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function readBody(request: IncomingMessage): Promise<OtlpRequest> {
  const bytes = Buffer.concat(await request.toArray());
  return JSON.parse((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString());
}

function received({ resourceSpans }: OtlpRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map(({ attributes, status, ...span }) => ({
        ...span,
        status: { ...status, code: status?.code ?? 0 },
        attributes: Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, plain(value)])),
        scope: scope?.name ?? '',
      })),
    ),
  );
}

function plain(value: OtlpKeyValue['value']): unknown {
  if (value.arrayValue) return value.arrayValue.values.map(plain);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
