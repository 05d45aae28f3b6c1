import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../src/model/json.ts';
import { loadWireFixtures, type WireFixture } from './wire-fixtures.ts';

/** One request as it came, and the fixture that answered it. */
export interface FixtureExchange {
  path: string;
  streamed: boolean;
  fixture: WireFixture;
}

export interface FixtureServer {
  url: string;
  exchanges: FixtureExchange[];
  close(): Promise<void>;
}

/** What a route answers with: a wire fixture, as `<protocol> <case>`, streamed where this says so. */
export interface Route {
  fixture: string;
  isStream?: (body: JsonObject) => boolean;
  streamType?: string;
}

/** Answers on loopback with the bodies of the wire fixtures, streams in pieces that no event ends with. */
export async function startFixtureServer(routes: Readonly<Record<string, Route>>): Promise<FixtureServer> {
  const fixtures = loadWireFixtures();
  const exchanges: FixtureExchange[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as JsonObject;
      const path = request.url ?? '';
      const route = routes[path];
      const fixture = fixtures.find(({ title }) => title === route?.fixture);
      if (!route || !fixture) return void response.writeHead(404).end('{}');
      const streamed = (route.isStream ?? (({ stream }): boolean => stream === true))(body);
      exchanges.push({ path, streamed, fixture });
      if (!streamed) {
        return void response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(fixture.response));
      }
      response.writeHead(200, { 'content-type': route.streamType ?? 'text/event-stream' });
      const { stream = Buffer.alloc(0) } = fixture;
      for (let start = 0; start < stream.length; start += 97) {
        response.write(stream.subarray(start, start + 97));
        await new Promise((resolve) => void setImmediate(resolve));
      }
      response.end();
    })();
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
