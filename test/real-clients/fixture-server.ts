import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../src/model/json.ts';
import { asObject } from '../../src/util/json-read.ts';
import { loadWireFixtures, type WireFixture } from '../support/wire-fixtures.ts';

/** A request and the wire fixture that answered it. */
export interface AnsweredRequest {
  path: string;
  fixture: WireFixture;
}

export interface FixtureServer {
  url: string;
  /** Grows with each call. */
  answered: AnsweredRequest[];
  close(): Promise<void>;
}

/** Which fixture answers a request to this path: `[protocol, case, whether as a stream]`; 404 for none. */
export type Route = (path: string, body: JsonObject) => readonly [string, string, boolean?] | undefined;

/** Bytes of a stream written at once: events arrive in pieces. */
const PIECE_BYTES = 100;

/** A local server that answers with the bodies of wire fixtures, so that what they are expected to cost is known. */
export async function startFixtureServer(route: Route): Promise<FixtureServer> {
  const fixtures = new Map(loadWireFixtures().map((fixture) => [fixture.title, fixture]));
  const answered: AnsweredRequest[] = [];
  const server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://server').pathname);
    const [protocol, name, streamed] = route(path, JSON.parse(bytes.toString('utf8') || '{}') as JsonObject) ?? [];
    const fixture = fixtures.get(`${protocol} ${name}`);
    if (!fixture) return void response.writeHead(404).end();
    answered.push({ path, fixture });
    const status = Number(asObject(fixture.expected.error)?.status ?? 200);
    if (streamed && fixture.stream) {
      response.writeHead(status, { 'content-type': 'text/event-stream' });
      const { stream } = fixture;
      for (let at = 0; at < stream.length; at += PIECE_BYTES) response.write(stream.subarray(at, at + PIECE_BYTES));
      return void response.end();
    }
    response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
    response.end(JSON.stringify(fixture.errorBody ?? fixture.response));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
