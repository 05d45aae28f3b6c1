import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2Session,
  type IncomingHttpHeaders,
} from 'node:http2';
import { syncBuiltinESMExports } from 'node:module';
import { findProtocol } from '../protocol/protocols.ts';
import { guard } from '../util/guard.ts';
import type { Exchange } from './exchange.ts';
import type { Instrument } from './instrument.ts';
import { isAbort, type Outcome } from './outcome.ts';
import { type Patch, replaceMethod } from './patch.ts';
import { watchEvents } from './watch-events.ts';
import { watchRequestBody } from './watch-request-body.ts';

/** Hooks `connect` of node:http2, for `require` and `import` alike, and through it the requests of its sessions. */
export function patchHttp2(instrument: Instrument): Patch {
  const patch = replaceMethod(http2, 'connect', (original, isActive) => {
    const connect = function (this: unknown, ...parameters: Parameters<typeof http2.connect>) {
      const session = original.apply(this, parameters);
      if (isActive()) guard('http2.connect', () => watchSession(instrument, session, isActive));
      return session;
    };
    return connect as typeof original;
  });
  syncBuiltinESMExports();
  return {
    restore() {
      patch.restore();
      syncBuiltinESMExports();
    },
  };
}

/** A session outlives any single request, and our hooks perhaps: then its requests go straight through. */
function watchSession(instrument: Instrument, session: ClientHttp2Session, isActive: () => boolean): void {
  replaceMethod(session, 'request', (original) => {
    return function (this: ClientHttp2Session, ...parameters: Parameters<ClientHttp2Session['request']>) {
      const stream = original.apply(this, parameters);
      if (isActive()) guard('http2.request', () => observe(instrument, stream));
      return stream;
    };
  });
}

function observe(instrument: Instrument, stream: ClientHttp2Stream): void {
  const headers = stream.sentHeaders;
  if (headers?.[':method'] !== 'POST') return;
  const path = String(headers[':path']).split('?', 1)[0] ?? '';
  const host = String(headers[':authority'] ?? headers.host);
  const protocol = findProtocol(path, host);
  if (!protocol || isOfUndici(stream.session)) return;
  const exchange = instrument.begin(protocol, { host, path, secure: headers[':scheme'] === 'https' })?.exchange;
  if (!exchange) return;
  watchRequestBody(stream, exchange);
  observeResponse(stream, exchange);
}

/** undici announces the requests of its own sessions, which it marks, on its diagnostics channels: they are seen there. */
function isOfUndici(session: object | undefined): boolean {
  return Object.getOwnPropertySymbols(session ?? {}).some(({ description }) => description === 'open streams');
}

/**
 * The body is seen as it enters the stream's buffer: no listener is added, so flow, backpressure and what happens when
 * nobody listens stay as they are.
 */
function observeResponse(stream: ClientHttp2Stream, exchange: Exchange): void {
  const { push } = stream;
  const isGivenUp = watchGivingUp(stream);
  // Where the headers are all there is, the end comes before the event that tells of them.
  let ended = false;
  const finish = (): void => {
    if (ended && exchange.status !== undefined) exchange.end({ kind: 'finished' });
  };
  stream.push = function (this: ClientHttp2Stream, chunk: unknown, encoding?: BufferEncoding) {
    if (chunk instanceof Uint8Array) exchange.chunk(chunk, stream);
    else if (chunk === null) {
      // A stream that was reset, or lost its connection, is ended too.
      ended = !stream.rstCode;
      finish();
    }
    return push.call(this, chunk, encoding);
  };
  watchEvents(stream, {
    response(headers) {
      begin(exchange, headers as IncomingHttpHeaders);
      finish();
    },
    error: (error) => exchange.end(isAbort(error) ? { kind: 'cancelled' } : { kind: 'failed', error }),
    close: () => exchange.end(isGivenUp() ? { kind: 'cancelled' } : CUT),
  });
}

/** Neither side reported an error, yet the response has no end: its reader gets this one. */
const CUT: Outcome = {
  kind: 'failed',
  error: Object.assign(new Error('Premature close'), { code: 'ERR_STREAM_PREMATURE_CLOSE' }),
};

function begin(exchange: Exchange, headers: IncomingHttpHeaders & { ':status'?: number }): void {
  const header = (name: string): string | undefined => headers[name]?.toString();
  exchange.begin(headers[':status'] ?? 0, header, header('content-encoding'));
}

/** Tells whether the app has closed the stream. Node does so too when the server or the connection has. */
function watchGivingUp(stream: ClientHttp2Stream): () => boolean {
  const { close, destroy } = stream;
  let givenUp = false;
  const notice = (): void =>
    guard('http2 close', () => {
      givenUp ||= !stream.closed && isConnected(stream.session);
    });
  stream.close = function (this: ClientHttp2Stream, ...parameters: Parameters<typeof close>) {
    notice();
    return close.apply(this, parameters);
  };
  stream.destroy = function (this: ClientHttp2Stream, error?: Error) {
    notice();
    return destroy.call(this, error);
  };
  return () => givenUp;
}

/** A session without its socket throws when asked for it. */
function isConnected(session: Http2Session | undefined): boolean {
  try {
    return session?.socket.destroyed === false;
  } catch {
    return false;
  }
}
