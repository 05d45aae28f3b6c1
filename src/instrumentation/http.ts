import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { findProtocol } from '../protocol/protocols.ts';
import { guard } from '../util/guard.ts';
import type { Exchange } from './exchange.ts';
import type { Instrument } from './instrument.ts';
import { type Patch, replaceMethod } from './patch.ts';
import { requestUsage, withholdUsage } from './stream-usage-http.ts';
import { watchEvents } from './watch-events.ts';
import { watchRequestBody } from './watch-request-body.ts';
import { observeUpgrade } from './websocket.ts';

/** Hooks `request` and `get` of node:http and node:https, for `require` and `import` alike. */
export function patchHttp(instrument: Instrument): Patch {
  const patches = [http, https].flatMap((module) =>
    (['request', 'get'] as const).map((name) =>
      replaceMethod(module, name, (original, isActive) => {
        // The overloads of `request` differ only in what we pass on untouched.
        const request = function (this: unknown, ...parameters: Parameters<typeof http.request>) {
          const created = (original as typeof http.request).apply(this, parameters);
          if (!isActive()) return created;
          if (created.method === 'POST') guard(`http.${name}`, () => observe(instrument, created));
          else if (created.hasHeader('upgrade')) guard(`http.${name}`, () => observeUpgrade(instrument, created));
          return created;
        };
        return request as typeof original;
      }),
    ),
  );
  syncBuiltinESMExports();
  return {
    restore() {
      for (const patch of patches) patch.restore();
      syncBuiltinESMExports();
    },
  };
}

function observe(instrument: Instrument, request: ClientRequest): void {
  const path = request.path.split('?', 1)[0] ?? '';
  const host = String(request.getHeader('host') ?? request.host);
  const protocol = findProtocol(path, host);
  if (!protocol) return;
  const exchange = instrument.begin(protocol, { host, path, secure: request.protocol === 'https:' })?.exchange;
  if (!exchange) return;
  // Below what watches the body: what is seen is what the app wrote.
  const hasAskedForUsage = instrument.asksForUsage ? requestUsage(request, exchange) : undefined;
  watchRequestBody(request, exchange);
  const isGivenUp = watchDestroy(request);
  watchEvents(request, {
    response(response) {
      if (hasAskedForUsage?.()) withholdUsage(response as IncomingMessage, exchange);
      observeResponse(response as IncomingMessage, exchange, isGivenUp);
    },
    error: (error) => exchange.end({ kind: 'failed', error }),
    close: () => exchange.status === undefined && exchange.end({ kind: 'cancelled' }),
  });
}

/**
 * The body is seen as it enters the response's buffer: no listener is added, so flow, backpressure and what happens
 * when nobody listens stay as they are.
 */
function observeResponse(response: IncomingMessage, exchange: Exchange, isGivenUp: () => boolean): void {
  const { headers } = response;
  const header = (name: string): string | undefined => headers[name]?.toString();
  exchange.begin(response.statusCode ?? 0, header, header('content-encoding'));
  const { push } = response;
  response.push = function (this: IncomingMessage, chunk: unknown, encoding?: BufferEncoding) {
    if (chunk instanceof Uint8Array) exchange.chunk(chunk, response);
    else if (chunk === null) exchange.end({ kind: 'finished' });
    return push.call(this, chunk, encoding);
  };
  // Node emits `error` only if somebody listens for it; `errored` says either way that the response broke off.
  const broken = (error: unknown): void => {
    exchange.end(error && !isGivenUp() ? { kind: 'failed', error } : { kind: 'cancelled' });
  };
  watchEvents(response, { error: broken, close: () => broken(response.errored) });
}

/** Tells whether the app has destroyed the request, which looks to the response as if the server had gone. */
function watchDestroy(request: ClientRequest): () => boolean {
  const { destroy } = request;
  let destroyed = false;
  request.destroy = function (this: ClientRequest, error?: Error) {
    destroyed = true;
    return destroy.call(this, error);
  };
  return () => destroyed;
}
