import { AsyncResource } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { findSessionProtocol } from '../protocol/session/session-protocols.ts';
import { guard } from '../util/guard.ts';
import type { Instrument } from './instrument.ts';
import type { Patch } from './patch.ts';
import type { Session } from './session.ts';
import { tapSocket } from './socket-tap.ts';
import { watchEvents } from './watch-events.ts';

/** Observes a WebSocket that a library (`ws`, ...) asks for with node:http or node:https. */
export function observeUpgrade(instrument: Instrument, request: ClientRequest): void {
  const host = String(request.getHeader('host') ?? request.host);
  const session = beginnerOf(instrument, request.path, host, request.protocol === 'https:')?.();
  if (!session) return;
  let owner: 'request' | 'socket' = 'request';
  watchEvents(request, {
    socket: (socket) => {
      owner = 'socket';
      tapSocket(socket as Duplex, session);
    },
    // Refused: the socket may be used for other requests.
    response: () => (owner = 'request'),
    error: (error) => session.failed(error),
    // Node closes the request of a WebSocket too, at its beginning.
    close: () => owner === 'request' && session.closed(),
  });
}

/** A request as undici announces it, as far as we look at it. */
interface UndiciRequest {
  upgrade?: unknown;
  path: string;
  origin: string | URL;
}

interface UndiciMessage {
  request: UndiciRequest;
  socket?: Socket;
  error?: unknown;
}

/**
 * Observes the WebSockets of undici: the global `WebSocket` is one, and its npm package has one too. It says on its
 * diagnostics channels which socket carries which request, so nothing is replaced.
 * @see https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export function watchWebSockets(instrument: Instrument): Patch {
  const opening = new WeakMap<UndiciRequest, BeginSession>();
  let openings = 0;
  const take = (request: UndiciRequest): BeginSession | undefined => {
    const begin = opening.get(request);
    // Others who listen here are taken to be an instrumentation that needs our span as its parent.
    if (opening.delete(request) && --openings === 0) unsubscribe(SOCKET_KNOWN, onSocket);
    return begin;
  };
  const onRequest = guarded(({ request }) => {
    if (request.upgrade !== 'websocket') return;
    const { host, protocol } = new URL(request.origin);
    const begin = beginnerOf(instrument, request.path, host, protocol === 'https:');
    if (!begin) return;
    if (openings++ === 0) subscribe(SOCKET_KNOWN, onSocket);
    // In the context of the app, whichever that of the socket is.
    opening.set(request, AsyncResource.bind(begin));
  });
  const onSocket = guarded(({ request, socket }) => {
    const session = take(request)?.();
    if (session && socket) tapSocket(socket, session);
  });
  const onError = guarded(({ request, error }) => {
    const begin = take(request);
    if (!(error instanceof Error && 'code' in error && error.code === ANOTHER_WAY)) begin?.()?.failed(error);
  });
  subscribe(REQUEST_MADE, onRequest);
  subscribe(REQUEST_FAILED, onError);
  return {
    restore() {
      unsubscribe(REQUEST_MADE, onRequest);
      unsubscribe(REQUEST_FAILED, onError);
      unsubscribe(SOCKET_KNOWN, onSocket);
    },
  };
}

const REQUEST_MADE = 'undici:request:create';
const SOCKET_KNOWN = 'undici:client:sendHeaders';
const REQUEST_FAILED = 'undici:request:error';
/** The server speaks HTTP/2 without WebSockets: undici asks again over HTTP/1.1, and the app sees nothing of it. */
const ANOTHER_WAY = 'UND_ERR_INFO';

function guarded(listen: (message: UndiciMessage) => void): (message: unknown) => void {
  return (message) => void guard('websocket', () => listen(message as UndiciMessage));
}

type BeginSession = () => Session | undefined;

/** How to begin a session with this target, if it speaks a protocol of ours. */
function beginnerOf(instrument: Instrument, target: string, host: string, secure: boolean): BeginSession | undefined {
  const [path = '', query] = target.split('?', 2);
  const protocol = findSessionProtocol(path, host);
  return (
    protocol && (() => instrument.beginSession(protocol, { host, path, secure, query: new URLSearchParams(query) }))
  );
}
