import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import path from 'node:path';
import { liveAnswers, realtimeAnswers, responsesAnswers } from './session-answers.ts';

const TLS = path.join(import.meta.dirname, '..', 'fixtures', 'tls');
/** For `NODE_EXTRA_CA_CERTS`. */
export const CERTIFICATE: string = path.join(TLS, 'certificate.pem');

/** Of `ws`, what is used here. */
interface ServerSocket {
  on(event: 'message', listener: (data: Buffer) => void): void;
  send(data: string | Buffer, options?: { binary: boolean }): void;
  close(code: number, reason: string): void;
  terminate(): void;
}
interface Ws {
  WebSocketServer: new (options: object) => {
    handleUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, done: (socket: ServerSocket) => void): void;
  };
}

/** A message that a server sends for another: JSON, or what it does instead. */
export type Answer = { send: object } | 'cut' | { close: number; reason: string };
/** What a server says of its own accord, and to each message. */
export interface Answers {
  hello: Answer[];
  to(message: Record<string, unknown>): Answer[];
  /** Google sends its JSON in binary messages. */
  isBinary?: boolean;
}

export interface SessionServer {
  url: string;
  /** What clients sent, by scenario. */
  received: Record<string, unknown[]>;
  close(): Promise<void>;
}

/** A local stand-in for the APIs that are used over a WebSocket. `directory` is where `ws` is installed. */
export async function startSessionServer(directory: string): Promise<SessionServer> {
  const { WebSocketServer } = createRequire(path.join(directory, 'package.json'))('ws') as Ws;
  const plain = new WebSocketServer({ noServer: true });
  const compressed = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } });
  const received: Record<string, unknown[]> = {};
  const server = createServer({ key: readFileSync(path.join(TLS, 'key.pem')), cert: readFileSync(CERTIFICATE) });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://localhost');
    const scenario = searchParams.get('scenario') ?? pathname;
    // Newer versions of undici ask a second time after a 401.
    if (scenario.endsWith('refused')) {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}');
      return;
    }
    const sockets = scenario === 'compressed' ? compressed : plain;
    sockets.handleUpgrade(request, socket, head, (client) => {
      const messages = (received[scenario] ??= []);
      serve(client, answersOf(pathname, scenario), (message) => messages.push(message));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answersOf(pathname: string, scenario: string): Answers {
  if (pathname.endsWith('BidiGenerateContent')) return liveAnswers();
  return pathname.endsWith('/responses') ? responsesAnswers() : realtimeAnswers(scenario);
}

function serve(client: ServerSocket, answers: Answers, keep: (message: unknown) => void): void {
  const give = (all: readonly Answer[]): void => {
    for (const answer of all) {
      // What was sent before is to arrive.
      if (answer === 'cut') setTimeout(() => client.terminate(), 50);
      else if ('close' in answer) client.close(answer.close, answer.reason);
      else if (answers.isBinary) client.send(Buffer.from(JSON.stringify(answer.send)), { binary: true });
      else client.send(JSON.stringify(answer.send));
    }
  };
  give(answers.hello);
  client.on('message', (data) => {
    const message = JSON.parse(data.toString('utf8')) as Record<string, unknown>;
    keep(message);
    give(answers.to(message));
  });
}
