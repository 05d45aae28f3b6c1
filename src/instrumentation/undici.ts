import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Protocol } from '../protocol/protocol.ts';
import { findProtocol } from '../protocol/protocols.ts';
import { guard } from '../util/guard.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import { isOfFetch, redirected } from './announced-fetches.ts';
import { type Exchange, MAX_REQUEST_BYTES } from './exchange.ts';
import type { Instrument } from './instrument.ts';
import { isAbort } from './outcome.ts';
import type { Patch } from './patch.ts';

/**
 * A request as undici announces it on its diagnostics channels, with the methods by which its parser hands on what
 * is sent and received. Versions 5 to 7 call the last one `onData`, version 8 `onResponseData`.
 * @see https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
interface UndiciRequest {
  origin: string | URL;
  path: string;
  method: string;
  /** Bytes, where the app gave text or bytes. */
  body?: unknown;
  onBodySent?: ChunkMethod;
  onData?: ChunkMethod;
  onResponseData?: ChunkMethod;
}
type ChunkMethod = (this: UndiciRequest, chunk: unknown) => unknown;

interface Message {
  request: UndiciRequest;
  response?: { statusCode: number; headers: readonly (Uint8Array | string)[] };
  error?: Error;
}

const exchanges = new WeakMap<UndiciRequest, Exchange>();

/**
 * Sees the requests of undici as a package, whatever version and however bundled: its `request`, `stream`, `pipeline`,
 * `fetch` and dispatchers. Those of the global `fetch`, which is the undici inside Node, are announced on the same
 * channels while {@link patchFetch} has them in hand, and are left to it.
 */
export function patchUndici(instrument: Instrument): Patch {
  const listeners = Object.entries(LISTENERS).map(([name, listen]) => {
    const listener = (message: unknown): void => void guard(name, () => listen(message as Message, instrument));
    subscribe(name, listener);
    return () => unsubscribe(name, listener);
  });
  return {
    restore() {
      for (const remove of listeners) remove();
    },
  };
}

const LISTENERS: Readonly<Record<string, (message: Message, instrument: Instrument) => void>> = {
  'undici:request:create': ({ request }, instrument) => {
    if (request.method === 'POST') begin(request, instrument);
  },
  'undici:request:headers': ({ request, response }) => {
    if (!response) return;
    const header = headerReader(response.headers);
    exchanges.get(request)?.begin(response.statusCode, header, header('content-encoding'));
    if (SAME_METHOD.has(response.statusCode)) redirect(request, header('location'));
  },
  'undici:request:trailers': ({ request }) => exchanges.get(request)?.end({ kind: 'finished' }),
  'undici:request:error': ({ request, error }) => {
    exchanges.get(request)?.end(isAbort(error) ? { kind: 'cancelled' } : { kind: 'failed', error });
  },
};

/** Redirects by which a POST stays one. */
const SAME_METHOD: ReadonlySet<number> = new Set([307, 308]);

function redirect(request: UndiciRequest, location: string | undefined): void {
  if (location === undefined) return;
  const { host, pathname } = new URL(location, new URL(request.path, request.origin));
  redirected(request, { host, path: pathname });
}

function begin(request: UndiciRequest, instrument: Instrument): void {
  const path = request.path.split('?', 1)[0] ?? '';
  const { host, protocol: scheme } = new URL(request.origin);
  const protocol = findProtocol(path, host);
  if (!protocol || isOfFetch(request, { host, path }) || isForeign(protocol, request.body, host)) return;
  const exchange = instrument.begin(protocol, { host, path, secure: scheme === 'https:' })?.exchange;
  if (!exchange) return;
  exchanges.set(request, exchange);
  if (request.body instanceof Uint8Array) exchange.requestBody = request.body;
  else {
    const kept = new BodyBuffer(MAX_REQUEST_BYTES);
    exchange.requestBody = kept;
    see(request, 'onBodySent', (chunk) => kept.push(chunk));
  }
  for (const name of ['onData', 'onResponseData'] as const)
    see(request, name, (chunk) => exchange.chunk(chunk, request));
}

function isForeign(protocol: Protocol, body: unknown, host: string): boolean {
  return (body instanceof Uint8Array && protocol.isForeign?.(Buffer.from(body).toString('utf8'), host)) ?? false;
}

function see(
  request: UndiciRequest,
  name: 'onBodySent' | 'onData' | 'onResponseData',
  keep: (chunk: Uint8Array) => void,
): void {
  const original = request[name];
  if (!original) return;
  request[name] = function (chunk) {
    guard(`undici ${name}`, () => {
      if (chunk instanceof Uint8Array) keep(chunk);
      else if (typeof chunk === 'string') keep(Buffer.from(chunk));
    });
    return original.call(this, chunk);
  };
}

/** Reads headers as they came: names and values in turn. */
function headerReader(headers: readonly (Uint8Array | string)[]): (name: string) => string | undefined {
  return (name) => {
    const at = headers.findIndex((header, index) => index % 2 === 0 && String(header).toLowerCase() === name);
    return at === -1 ? undefined : headers[at + 1]?.toString();
  };
}
