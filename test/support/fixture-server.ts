import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../src/model/json.ts';
import { asObject } from '../../src/util/json-read.ts';
import { loadWireFixtures, type WireFixture } from './wire-fixtures.ts';

/** One request as it came, and the wire fixture that answered it. */
export interface FixtureExchange {
  path: string;
  streamed: boolean;
  fixture: WireFixture;
}

export interface FixtureServer {
  url: string;
  /** In order of arrival; those that nothing answered are not there. */
  exchanges: FixtureExchange[];
  close(): Promise<void>;
}

/** What answers a request: a fixture, as `<protocol> <case>`. */
export interface FixtureAnswer {
  fixture: string;
  streamed?: boolean;
  streamType?: string;
}

/** By the decoded path, without the query, and the body; 404 for nothing. */
export type Route = (path: string, body: JsonObject) => FixtureAnswer | undefined;

/** A route by exact paths; streams are asked for in the body unless `isStream` knows better. */
export function routeByPath(
  routes: Readonly<Record<string, Omit<FixtureAnswer, 'streamed'> & { isStream?: (body: JsonObject) => boolean }>>,
): Route {
  return (path, body) => {
    const found = routes[path];
    return found && { ...found, streamed: found.isStream?.(body) ?? body.stream === true };
  };
}

/** Bytes of a stream written at once: no event ends with a piece. */
const PIECE_BYTES = 97;

/** Answers on loopback with the bodies of wire fixtures, so that what they are expected to cost is known. */
export async function startFixtureServer(route: Route): Promise<FixtureServer> {
  const fixtures = new Map(loadWireFixtures().map((fixture) => [fixture.title, fixture]));
  const exchanges: FixtureExchange[] = [];
  const server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://server').pathname);
    const answer = route(path, JSON.parse(bytes.toString('utf8') || '{}') as JsonObject);
    const fixture = answer && fixtures.get(answer.fixture);
    if (!answer || !fixture) return void response.writeHead(404).end('{}');
    const { streamed = false, streamType = 'text/event-stream' } = answer;
    const { stream, errorBody, expected } = fixture;
    exchanges.push({ path, streamed, fixture });
    const status = Number(asObject(expected.error)?.status ?? 200);
    if (!streamed || !stream) {
      response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' });
      return void response.end(JSON.stringify(errorBody ?? fixture.response));
    }
    response.writeHead(status, { 'content-type': streamType });
    for (let at = 0; at < stream.length; at += PIECE_BYTES) {
      response.write(stream.subarray(at, at + PIECE_BYTES));
      await new Promise((resolve) => void setImmediate(resolve));
    }
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
