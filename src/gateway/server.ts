import http, { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { guardAsync, reportInternalError } from '../util/guard.ts';
import { hasToken, isLoopback } from './authorisation.ts';
import { type Endpoint, ENDPOINTS, type GatewayState } from './endpoints.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_RETENTION,
  type GatewayLimits,
  type GatewayOptions,
  type GatewayTls,
} from './gateway-options.ts';
import { HttpError, type Reply } from './http-reply.ts';
import { Intake } from './intake.ts';
import { RequestCounter } from './metrics.ts';
import { PassOn } from './pass-on.ts';
import { openProject, type Project } from './project.ts';
import { BytesInFlight } from './receive-body.ts';
import { DEFAULT_PROJECT } from './route.ts';

/** How long a client that is sending may take when the gateway stops. */
const STOP_MS = 10_000;

/** A gateway that listens. */
export interface Gateway {
  /** Without a slash at its end. */
  readonly url: string;
  /** Answers what it has begun, delivers for at most 2 s, and stops; the rest stays in the spool. Never rejects. */
  close(): Promise<void>;
}

/**
 * Starts an OTLP/HTTP receiver that brings LLM spans to Langfuse, each token counted once and priced. It answers a
 * request when its spans are where they survive.
 * @throws {RangeError} if an option makes no sense, or others could reach it without a token.
 * @throws what the system throws if it cannot listen there.
 */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const {
    host = '127.0.0.1',
    port = 4318,
    token,
    tls,
    projects = { [DEFAULT_PROJECT]: {} },
    routes = [],
    passOn = [],
  } = options;
  if (token === undefined && !isLoopback(host))
    throw new RangeError(`other machines reach ${host}: set a token, or listen on 127.0.0.1`);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const retention = { ...DEFAULT_RETENTION, ...options.retention };
  const open = new Map<string, Project>();
  for (const [name, project] of Object.entries(projects)) open.set(name, await openProject(project, retention));
  const state: GatewayState = {
    intake: new Intake(open, routes),
    inFlight: new BytesInFlight(limits.bytesInFlight),
    requests: new RequestCounter(),
    passOn: passOn.map((target) => new PassOn(target)),
    maxBodyBytes: limits.bodyBytes,
    stopping: false,
  };
  const server = createServer(limits, tls, (request, response) => {
    void guardAsync('gateway', () => respond(request, response, state, token));
  });
  await listen(server, host, port);
  return {
    url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      state.stopping = true;
      await stopListening(server);
      await Promise.all([...open.values(), ...state.passOn].map((part) => part.close()));
    },
  };
}

function createServer(limits: GatewayLimits, tls: GatewayTls | undefined, listener: RequestListener): Server {
  const { headersTimeoutMs, requestTimeoutMs, connections } = limits;
  const options = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: headersTimeoutMs,
    // How soon after its time a connection is closed.
    connectionsCheckingInterval: Math.min(headersTimeoutMs, 5_000),
  };
  const server = tls
    ? https.createServer({ ...options, cert: tls.certificate, key: tls.key }, listener)
    : http.createServer(options, listener);
  server.maxConnections = connections;
  return server;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Requests that have begun are answered, if they come to their end in time. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), STOP_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  state: GatewayState,
  token: string | undefined,
): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  const there = ENDPOINTS.filter((endpoint) => endpoint.path === path);
  const { status, headers = {}, body = '' } = await replyTo(request, there, state, token);
  state.requests.add({ path: there.length > 0 ? path : 'other', status });
  // What was not read of the request would be taken for the next one.
  if (!request.complete || state.stopping) response.setHeader('connection', 'close');
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

async function replyTo(
  request: IncomingMessage,
  there: readonly Endpoint[],
  state: GatewayState,
  token: string | undefined,
): Promise<Reply> {
  try {
    const endpoint = there.find(({ method }) => method === request.method);
    if (!endpoint) throw notThere(there);
    if (token !== undefined && !endpoint.open && !hasToken(request.headers.authorization, token))
      throw new HttpError(401, 'send the token of this gateway as `Authorization: Bearer ...`');
    return await endpoint.handle(request, state);
  } catch (error) {
    const expected = error instanceof HttpError ? error : new HttpError(500, 'an error inside the gateway');
    if (expected !== error) reportInternalError('gateway', error);
    const headers = { 'content-type': 'application/json', ...expected.headers };
    return { status: expected.status, headers, body: JSON.stringify({ message: expected.message }) };
  }
}

function notThere(there: readonly Endpoint[]): HttpError {
  const methods = there.map(({ method }) => method).join(', ');
  const paths = ENDPOINTS.map(({ path }) => path).join(', ');
  return there.length > 0
    ? new HttpError(405, `this path takes ${methods}`)
    : new HttpError(404, `there is nothing at this path; there is ${paths}`);
}
