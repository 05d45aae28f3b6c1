import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { assertProtected, hasBearer } from '../server/authorisation.ts';
import { BytesInFlight } from '../server/bytes-in-flight.ts';
import { createServer, listen, stopListening } from '../server/listener.ts';
import { EventCounter } from '../server/metrics.ts';
import { guardAsync, reportInternalError } from '../util/guard.ts';
import { type Endpoint, ENDPOINTS, endpointsAt, type GatewayState, pathOf } from './endpoints.ts';
import { DEFAULT_LIMITS, DEFAULT_RETENTION, DEFAULT_SPOOL, type GatewayOptions } from './gateway-options.ts';
import { HttpError, type Reply } from './http-reply.ts';
import { Intake } from './intake.ts';
import { PassOn } from './pass-on.ts';
import { openProject, type Project } from './project.ts';
import { assertProjects, DEFAULT_PROJECT } from './route.ts';

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
  assertProtected(host, token);
  assertProjects(routes, projects);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const retention = { ...DEFAULT_RETENTION, ...options.retention };
  const open = new Map<string, Project>();
  const spool = { ...DEFAULT_SPOOL, ...options.spool };
  for (const [name, project] of Object.entries(projects))
    open.set(name, await openProject({ spool, ...project }, retention));
  const intake = new Intake(open, routes);
  const state: GatewayState = {
    intake,
    projects: open,
    isProtected: token !== undefined,
    inFlight: new BytesInFlight(limits.bytesInFlight),
    requests: new EventCounter(),
    records: () => intake.projects.map(([project, { delivery }]) => [{ project }, delivery]),
    passOn: passOn.map((target) => new PassOn(target)),
    maxBodyBytes: limits.bodyBytes,
    stopping: false,
  };
  const server = createServer(limits, tls, (request, response) => {
    void guardAsync('gateway', () => respond(request, response, state, token));
  });
  const closeParts = async (): Promise<void> => {
    await Promise.all([...open.values(), ...state.passOn].map((part) => part.close()));
  };
  try {
    const url = await listen(server, host, port);
    const close = async (): Promise<void> => {
      state.stopping = true;
      await stopListening(server, STOP_MS);
      await closeParts();
    };
    return { url, close };
  } catch (error) {
    await closeParts();
    throw error;
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  state: GatewayState,
  token: string | undefined,
): Promise<void> {
  const there = endpointsAt(pathOf(request));
  const { status, headers = {}, body = '' } = await replyTo(request, there, state, token);
  state.requests.add({ path: there[0]?.path ?? 'other', status });
  // What was not read of the request would be taken for the next one.
  if (!request.complete || state.stopping) response.setHeader('connection', 'close');
  if (body instanceof Readable) {
    response.writeHead(status, headers);
    // When one side breaks off, so does the other.
    pipeline(body, response, () => {});
  } else {
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }
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
    if (token !== undefined && !endpoint.open && !hasBearer(request, token))
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
  const paths = [...new Set(ENDPOINTS.map(({ path }) => path))].join(', ');
  return there.length > 0
    ? new HttpError(405, `this path takes ${methods}`)
    : new HttpError(404, `there is nothing at this path; there is ${paths}`);
}
