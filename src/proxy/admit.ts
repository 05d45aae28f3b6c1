import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasBearer, isSameSecret } from '../server/authorisation.ts';
import type { EventCounter } from '../server/metrics.ts';
import { WATCH_ENDPOINTS, type Watched } from '../server/watch.ts';
import { refuse } from './refuse.ts';
import { findTarget, type Target, type Upstream } from './upstreams.ts';

/** Who may ask, and for what, and how often they did. */
export interface Gate {
  token: string | undefined;
  upstreams: ReadonlyMap<string, Upstream>;
  requests: EventCounter;
  watched: Watched;
}

/** Where a request goes; one that may not, or has nowhere to go, is answered here. */
export function admit(
  { token, upstreams, requests }: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Target | undefined {
  const target = findTarget(upstreams, request.url ?? '');
  const upstream = target?.upstream.name ?? 'none';
  response.on('close', () => requests.add({ upstream, status: response.headersSent ? response.statusCode : 'none' }));
  if (token !== undefined && !hasToken(request, token)) {
    refuse(response, 401, 'send its token as the header x-langfuse-proxy-token');
    return undefined;
  }
  if (!target) {
    const names = [...upstreams.keys()].map((name) => `/${name}`).join(', ');
    refuse(response, 404, `there is nothing at this path; put one of these before that of the API: ${names}`);
  }
  return target;
}

/** Answers who watches the proxy. Returns whether it was such a request. */
export function answerWatcher({ token, watched }: Gate, request: IncomingMessage, response: ServerResponse): boolean {
  const endpoint = WATCH_ENDPOINTS.find(({ path }) => request.method === 'GET' && path === request.url);
  if (!endpoint) return false;
  // No provider is asked, so the token may also be where other servers have theirs.
  if (token === undefined || endpoint.open || hasToken(request, token) || hasBearer(request, token)) {
    const { status, headers, body } = endpoint.reply(watched);
    response.writeHead(status, headers).end(body);
  } else {
    refuse(response, 401, 'send its token as `Authorization: Bearer ...`');
  }
  return true;
}

function hasToken({ headers }: IncomingMessage, token: string): boolean {
  return isSameSecret(String(headers['x-langfuse-proxy-token'] ?? ''), token);
}
