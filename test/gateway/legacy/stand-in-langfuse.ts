import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { type ExportedSpan, parseRecord } from '../../support/recording-delivery.ts';

/** What Langfuse was asked beside spans. */
interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

export interface StandInLangfuse {
  readonly baseUrl: string;
  readonly asked: Asked[];
  /** The last of each span: one with another start is another span. */
  readonly spans: ReadonlyMap<string, ExportedSpan>;
  /** What it answers, by method and path with query; anything else is not found. */
  answers: Record<string, { status: number; body: unknown }>;
}

/** Stands in for Langfuse 4 on loopback: spans come by OTLP, the rest is answered as told. It is gone after the test. */
export async function startStandInLangfuse(): Promise<StandInLangfuse> {
  const spans = new Map<string, ExportedSpan>();
  const asked: Asked[] = [];
  const langfuse: Omit<StandInLangfuse, 'baseUrl'> = { asked, spans, answers: {} };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const bytes = Buffer.concat(chunks);
    const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    const body: unknown = text ? JSON.parse(text) : undefined;
    const answer = (status: number, said: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    };
    if (url === '/api/public/otel/v1/traces') {
      for (const record of (body as { resourceSpans: unknown[] }).resourceSpans) {
        const span = parseRecord(JSON.stringify(record));
        spans.set(`${span.traceId} ${span.spanId} ${span.startTimeUnixNano}`, span);
      }
      return answer(200, {});
    }
    asked.push({ method, url, headers, body });
    const told = langfuse.answers[`${method} ${url}`] ?? { status: 404, body: { message: 'not found' } };
    answer(told.status, told.body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(langfuse, { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
