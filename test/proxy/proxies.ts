import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { type OtlpSink, type ReceivedSpan, startOtlpSink } from '../support/otlp-sink.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** `otel-langfuse proxy` in a process of its own, and what Langfuse gets of it. */
export interface RecordingProxy extends ServerProcess {
  sink: OtlpSink;
  /** Ends the proxy and returns what Langfuse got. */
  spansAtEnd(): Promise<ReceivedSpan[]>;
}

/** @param upstreams addresses by name */
export async function recordingProxy(
  upstreams: Readonly<Record<string, string>>,
  { env = {}, parameters = [] }: { env?: Record<string, string>; parameters?: readonly string[] } = {},
): Promise<RecordingProxy> {
  const sink = await startOtlpSink();
  onTestFinished(() => sink.close());
  const settings = {
    LANGFUSE_BASE_URL: sink.url,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
    LANGFUSE_SECRET_KEY: 'sk-lf-test',
    OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory(),
    ...env,
  };
  const named = Object.entries(upstreams).flatMap(([name, url]) => ['--upstream', `${name}=${url}`]);
  const proxy = await startServerProcess('proxy', settings, [...named, ...parameters]);
  const spansAtEnd = async (): Promise<ReceivedSpan[]> => {
    await proxy.end('SIGTERM');
    return sink.spans;
  };
  return { ...proxy, sink, spansAtEnd };
}

export interface Upstream {
  url: string;
  server: Server;
  /** Connections that were ever made to it, and are open. */
  connections: { made: number; open: Set<Socket> };
}

/** A server on loopback that does what a test says, and is gone after it. */
export async function startUpstream(listener: RequestListener): Promise<Upstream> {
  const server = http.createServer(listener);
  const connections: Upstream['connections'] = { made: 0, open: new Set() };
  server.on('connection', (socket) => {
    connections.made++;
    connections.open.add(socket);
    socket.on('close', () => connections.open.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of connections.open) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, connections };
}

/** An answer as it came over the wire, without anything that a client library would do with it. */
export interface RawAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  trailers: IncomingMessage['trailers'];
  body: Buffer;
  /** Whether it came to its end. */
  isWhole: boolean;
}

/** Asks with node:http, path as it is written, and resolves when the answer ends or breaks off. */
export function ask(
  url: string,
  path: string,
  { body, ...options }: http.RequestOptions & { body?: string | Buffer } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.request({ host: hostname, port, path, agent: false, ...options });
    request.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => {});
      answer.on('close', () => {
        const { statusCode: status = 0, headers, rawHeaders, trailers, complete: isWhole } = answer;
        resolve({ status, headers, rawHeaders, trailers, body: Buffer.concat(chunks), isWhole });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Looks again and again until there is something; the time limit of the test is the end of patience. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}
