import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { assertProtected } from '../server/authorisation.ts';
import { BytesInFlight } from '../server/bytes-in-flight.ts';
import { type ConnectionLimits, createServer, listen, type ServerTls, stopListening } from '../server/listener.ts';
import { EventCounter, metricsText, SERVER_METRICS, type ServerSources } from '../server/metrics.ts';
import type { Watched } from '../server/watch.ts';
import { admit, answerWatcher, type Gate } from './admit.ts';
import { forward, orBreakOff } from './forward.ts';
import { refuse } from './refuse.ts';
import { isWebSocket, joinOnUpgrade, leaveAside, responseTo, type UpgradeOffer, WEBSOCKET } from './upgrade.ts';
import { upstreamsWith } from './upstreams.ts';

/** How much the proxy takes on, whoever asks. Answers may take as long as they like. */
interface ProxyLimits extends ConnectionLimits {
  /** Of the bodies of all requests under way, as far as they are kept to be read. */
  bytesInFlight: number;
}

export const DEFAULT_LIMITS: ProxyLimits = {
  bytesInFlight: 256 * 1024 * 1024,
  connections: 4_096,
  headersTimeoutMs: 10_000,
  // Audio and images over a slow line.
  requestTimeoutMs: 10 * 60_000,
};

/** So much of one request is kept at most. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
/** How long answers that are under way may take when the proxy stops. */
const STOP_MS = 25_000;

export interface ProxyOptions {
  /** Default: 127.0.0.1. Anything that other machines reach needs a token. */
  host?: string;
  /** Default: 4319; 0 takes a free one. */
  port?: number;
  /** What requests must have as `x-langfuse-proxy-token`: `Authorization` has the key of the provider. */
  token?: string;
  tls?: ServerTls;
  /** Addresses by the first segment of the path, beside those that are built in. They may be private. */
  upstreams?: Readonly<Record<string, string>>;
  limits?: Partial<ProxyLimits>;
  /** What became of the records of its calls, for its metrics. */
  records?: ServerSources['records'];
}

/** A proxy that listens. */
export interface Proxy {
  /** Without a slash at its end. */
  readonly url: string;
  /** Lets answers that are under way come to their end, for at most 25 s, and stops. Never rejects. */
  close(): Promise<void>;
}

/**
 * Starts a reverse proxy to LLM APIs. It makes every call as an app would, with `node:http`: what traces apps traces it.
 * @throws {RangeError} if others could reach it without a token.
 * @throws what the system throws if it cannot listen there.
 */
export async function startProxy(options: ProxyOptions = {}): Promise<Proxy> {
  const { host = '127.0.0.1', port = 4319, token, tls, upstreams = {}, records = () => [] } = options;
  assertProtected(host, token);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const sources = { requests: new EventCounter(), inFlight: new BytesInFlight(limits.bytesInFlight), records };
  const watched: Watched = {
    stopping: false,
    metricsText: () => metricsText('otel_langfuse_proxy_', SERVER_METRICS, sources),
  };
  const gate: Gate = { token, upstreams: upstreamsWith(upstreams), requests: sources.requests, watched };
  const joined = new Set<Socket>();

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (answerWatcher(gate, request, response)) return;
    const target = admit(gate, request, response);
    if (!target) return;
    request.pipe(forward(request, response, target));
    boundBody(request, response, sources.inFlight);
  };
  const serveOffer = (offer: UpgradeOffer): void => {
    const { request, socket } = offer;
    if (!isWebSocket(request)) return leaveAside(server, offer);
    const response = responseTo(offer);
    const target = admit(gate, request, response);
    if (!target) return;
    joined.add(socket);
    socket.on('close', () => joined.delete(socket));
    const outgoing = forward(request, response, target, WEBSOCKET);
    outgoing.on('upgrade', () => gate.requests.add({ upstream: target.upstream.name, status: 101 }));
    joinOnUpgrade(outgoing, offer, response);
    outgoing.end();
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
    orBreakOff(response, () => serve(request, response));
  const server = createServer(limits, tls, onRequest, isWebSocket);
  server.on('checkContinue', onRequest);
  server.on('upgrade', (request, stream, head) => {
    // A server of node:http has sockets.
    const socket = stream as Socket;
    orBreakOff({ socket }, () => serveOffer({ request, socket, head }));
  });
  return {
    url: await listen(server, host, port),
    close: async () => {
      watched.stopping = true;
      const timer = setTimeout(() => {
        for (const socket of joined) socket.destroy();
      }, STOP_MS);
      await stopListening(server, STOP_MS);
      clearTimeout(timer);
    },
  };
}

/** Refuses a request that would bring more into memory than there is room for at the moment. */
function boundBody(request: IncomingMessage, response: ServerResponse, inFlight: BytesInFlight): void {
  let held = 0;
  const count = (chunk: Buffer): void => {
    const kept = Math.min(chunk.length, MAX_KEPT_BYTES - held);
    if (inFlight.take(kept)) {
      held += kept;
      return;
    }
    request.off('data', count).unpipe();
    if (!response.headersSent)
      refuse(response, 503, 'too many requests are under way at the moment', { 'retry-after': '1' });
  };
  request.on('data', count);
  response.on('close', () => {
    request.off('data', count);
    inFlight.release(held);
  });
}
