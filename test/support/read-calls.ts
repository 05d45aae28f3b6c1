import { readExchange } from '../../src/instrumentation/read-exchange.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import { exchangeOf } from '../instrumentation/exchanges.ts';
import { bodyBytes, type Exchange, loadRecordings } from './recordings.ts';
import { loadWireFixtures, type WireFixture } from './wire-fixtures.ts';

/** The calls that the instrumentation makes of the recorded exchanges; none where the recordings are absent. */
export function recordedCalls(): { id: string; call: LlmCall }[] {
  return loadRecordings().flatMap(({ exchange }) => {
    const protocol = exchange.method === 'POST' ? findProtocol(exchange.path, exchange.host) : undefined;
    return protocol ? [{ id: exchange.id, call: callOfRecording(exchange, protocol) }] : [];
  });
}

/** The same of the exchanges in `test/fixtures/wire`. */
export function fixtureCalls(): { id: string; call: LlmCall }[] {
  return loadWireFixtures().map((fixture) => ({ id: fixture.title, call: callOfFixture(fixture) }));
}

interface Answered {
  protocol: Protocol;
  host: string;
  path: string;
  /** JSON, or text that stands for itself. */
  request: unknown;
  status: number;
  header: (name: string) => string | undefined;
  body: Uint8Array;
}

function callOf({ protocol, host, path, request, status, header, body }: Answered): LlmCall {
  const exchange = exchangeOf(protocol, { host, path });
  exchange.requestBody = typeof request === 'string' ? request : JSON.stringify(request);
  exchange.begin(status, header);
  exchange.chunk(body, exchange);
  exchange.end({ kind: 'finished' });
  return readExchange(exchange, Infinity);
}

function callOfRecording(exchange: Exchange, protocol: Protocol): LlmCall {
  const headers: Partial<Record<string, string>> = {
    ...exchange.headers,
    'content-type': exchange.contentType ?? 'application/json',
  };
  return callOf({ ...exchange, protocol, header: (name) => headers[name], body: bodyBytes(exchange) });
}

function callOfFixture({ protocol, request, response, stream, framing, facts, errorBody }: WireFixture): LlmCall {
  const contentType = stream ? framing.contentTypes[0] : 'application/json';
  return callOf({
    protocol,
    host: facts.host,
    path: facts.path,
    request: request ?? {},
    status: errorBody ? 400 : 200,
    header: (name) => (name === 'content-type' ? contentType : facts.responseHeader(name)),
    body: stream ?? Buffer.from(JSON.stringify(response ?? errorBody ?? {})),
  });
}
