import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { isStreamPath, modelOfPath } from '../../src/protocol/bedrock.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import { asObject } from '../../src/util/json-read.ts';
import { loadWireFixtures, type WireFixture } from '../support/wire-fixtures.ts';

export interface BedrockServer {
  /** Addresses that speak HTTP/2 without TLS, and HTTP/1.1. */
  urls: { http2: string; http1: string };
  /** The fixtures that answered, in order. */
  answered: WireFixture[];
  close(): void;
}

/** Bytes of a stream written at once: messages arrive in pieces. */
const PIECE_BYTES = 100;

/** Stands in for Bedrock: a call of a model gets the wire fixture of that model, as HTTP/2 and as HTTP/1.1. */
export async function startBedrockServer(): Promise<BedrockServer> {
  const fixtures = loadWireFixtures().filter(({ protocol }) => protocol.id.startsWith('aws.bedrock.'));
  const answered: WireFixture[] = [];

  // Both kinds of server hand on their requests alike.
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await request.toArray();
    const path = request.url ?? '';
    const fixture = fixtures.find((candidate) => isFor(candidate, path));
    if (!fixture) return void response.writeHead(404).end('{}');
    answered.push(fixture);
    const headers = headersOf(fixture);
    if (isStreamPath(path) && fixture.stream) {
      response.writeHead(200, { ...headers, 'content-type': 'application/vnd.amazon.eventstream' });
      const { stream } = fixture;
      for (let at = 0; at < stream.length; at += PIECE_BYTES) response.write(stream.subarray(at, at + PIECE_BYTES));
      return void response.end();
    }
    const status = Number(asObject(fixture.expected.error)?.status ?? 200);
    response.writeHead(status, { ...headers, 'content-type': 'application/json' });
    response.end(JSON.stringify(fixture.errorBody ?? fixture.response));
  }

  const listener = (request: unknown, response: unknown): void =>
    void answer(request as IncomingMessage, response as ServerResponse).catch(() => {});
  const servers = [createHttp2Server(listener), createServer(listener)] as const;
  const [http2, http1] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<string>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
        }),
    ),
  );
  return {
    urls: { http2: http2 ?? '', http1: http1 ?? '' },
    answered,
    close: () => servers.forEach((server) => server.close()),
  };
}

/** Headers that Bedrock's answers have, where the fixture states them. */
const HEADERS = [
  'x-amzn-errortype',
  'x-amzn-bedrock-input-token-count',
  'x-amzn-bedrock-output-token-count',
  'x-amzn-bedrock-service-tier',
];

function headersOf({ facts }: WireFixture): Record<string, string> {
  const stated = HEADERS.flatMap((name) => {
    const value = facts.responseHeader(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { 'x-amzn-requestid': '00000000-0000-4000-8000-000000000000', ...Object.fromEntries(stated) };
}

function isFor({ protocol, facts, stream, response, errorBody }: WireFixture, path: string): boolean {
  const isAnswer = isStreamPath(path) ? stream : (response ?? errorBody);
  return protocol === findProtocol(path, '') && modelOfPath(facts.path) === modelOfPath(path) && isAnswer !== undefined;
}
