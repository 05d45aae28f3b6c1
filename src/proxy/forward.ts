import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { notify } from '../util/diagnostics.ts';
import { reportInternalError } from '../util/guard.ts';
import { onBehalfOf } from './caller.ts';
import { requestHeaders, responseHeaders, trailersOf } from './headers.ts';
import { PRIVATE_ADDRESS } from './public-addresses.ts';
import { refuse } from './refuse.ts';
import type { Target, Upstream } from './upstreams.ts';

const NOTHING = new Uint8Array();

/**
 * Sends a request on, and its answer back, piece by piece as they come: neither side is read faster than the other
 * takes it. When one side breaks off, so does the other.
 * @param offer headers about the connection to the upstream
 * @returns the request that is made; its body is still to be sent
 */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  offer?: OutgoingHttpHeaders,
): ClientRequest {
  const outgoing = onBehalfOf(request.headers, () => send(request, target, offer));
  outgoing.on('continue', () => response.writeContinue());
  outgoing.on('response', (answer) => orBreakOff(response, () => giveBack(answer, response)));
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    if (response.destroyed) return;
    if (response.headersSent) breakOff(response);
    else refuse(response, 502, wordsFor(target.upstream, error));
  });
  if (!offer) {
    outgoing.on('upgrade', (_, stream) => {
      stream.destroy();
      refuse(response, 502, wordsFor(target.upstream, { code: 'ERR_UNASKED_UPGRADE' }));
    });
  }
  request.on('end', () => {
    if (request.rawTrailers.length > 0) outgoing.addTrailers(trailersOf(request));
  });
  response.on('close', () => outgoing.destroy());
  // What goes wrong with the client shows as its close.
  response.on('error', () => {});
  return outgoing;
}

/** Through `node:http` as it is now: the hooks of the preload are there, and see an app that makes a call. */
function send(
  request: IncomingMessage,
  { upstream: { url, connection }, path }: Target,
  offer: OutgoingHttpHeaders | undefined,
): ClientRequest {
  const { client, optionsFor } = connection;
  const options = optionsFor(path);
  return client.request({
    ...options,
    method: request.method,
    headers: { ...options.headers, ...requestHeaders(request, url.host), ...offer },
  });
}

function giveBack(answer: IncomingMessage, response: ServerResponse): void {
  const headers = responseHeaders(answer);
  // What was not read of the request would be taken for the next one.
  if (!response.req.complete) headers.push('Connection', 'close');
  response.sendDate = false;
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
  // Sends the headers at once, as `flushHeaders` does, which writes those that are not ASCII in another encoding.
  response.write(NOTHING);
  answer.on('end', () => {
    if (answer.rawTrailers.length > 0) response.addTrailers(trailersOf(answer));
  });
  answer.on('close', () => {
    if (!answer.complete) breakOff(response);
  });
  answer.pipe(response);
}

/** Sends what is there, and ends the connection in the middle of the answer. */
function breakOff({ socket, writableEnded }: ServerResponse): void {
  if (!writableEnded) socket?.destroySoon();
}

/** Whatever an exchange does to us, it ends, and the others go on. */
export function orBreakOff({ socket }: Pick<ServerResponse, 'socket'>, run: () => void): void {
  try {
    run();
  } catch (error) {
    reportInternalError('proxy', error);
    socket?.destroy();
  }
}

function wordsFor({ name, url }: Upstream, { code = 'unknown error' }: Pick<NodeJS.ErrnoException, 'code'>): string {
  const words =
    code === PRIVATE_ADDRESS
      ? `${url.hostname} has a private address here: if that is right, say --upstream ${name}=${url.origin}`
      : `${url.host} cannot be reached (${code})`;
  notify('warn', `upstream:${name}:${code}`, words);
  return words;
}
