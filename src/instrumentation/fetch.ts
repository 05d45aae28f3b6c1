import { channel } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { findProtocol } from '../protocol/protocols.ts';
import { guard } from '../util/guard.ts';
import { BodyBuffer } from '../wire/body-buffer.ts';
import { hidesAnnouncement } from './announced-fetches.ts';
import { type Exchange, MAX_REQUEST_BYTES, type RequestUrl } from './exchange.ts';
import { hidesNestedRequests, type Instrument } from './instrument.ts';
import { type Patch, replaceMethod } from './patch.ts';
import { tapResponse } from './response-tap.ts';
import { initWithUsage, responseWithoutUsage } from './stream-usage-fetch.ts';
import { tapStream } from './stream-tap.ts';

type Fetch = typeof globalThis.fetch;
type FetchInput = Parameters<Fetch>[0];
type FetchInit = Parameters<Fetch>[1];

/**
 * `@opentelemetry/instrumentation-undici` listens to this channel, and none of ours does: only where it is there does the
 * request need our span as its parent.
 */
const undiciInstrumentation = channel('undici:client:sendHeaders');

/** Hooks the global `fetch`. Anything that is not a call to a model goes straight through. */
export function patchFetch(instrument: Instrument): Patch {
  return replaceMethod(globalThis, 'fetch', (original, isActive) => {
    const fetch: Fetch = function (input, init) {
      if (!isActive() || !guard('fetch', () => isPost(input, init))) return original.call(globalThis, input, init);
      const started = guard('fetch', () => start(instrument, input, init));
      // A call that is not to be traced is not to be seen by the hook of undici either.
      if (!started) return surely(() => original.call(globalThis, input, init), hidesNestedRequests);
      const { exchange, run } = started;
      const asking = guard('stream usage', () => (instrument.asksForUsage ? initWithUsage(exchange, init) : undefined));
      return surely(() => original.call(globalThis, input, asking ?? init), run).then(
        (response) => guard('fetch response', () => observe(response, exchange, asking !== undefined)) ?? response,
        (error: unknown) => {
          exchange.end({ kind: 'failed', error });
          throw error;
        },
      );
    };
    return fetch;
  });
}

/** Makes the app's request inside `around`, once, whatever becomes of `around`. */
function surely(
  request: () => Promise<Response>,
  around: (request: () => Promise<Response>) => unknown,
): Promise<Response> {
  let made: (() => Promise<Response>) | undefined;
  const once = (): Promise<Response> => (made ??= outcomeOf(request))();
  guard('fetch', () => around(once));
  return once();
}

/** Fetches throw nothing, but what an app has put in the place of `fetch` may. */
function outcomeOf<T>(run: () => T): () => T {
  try {
    const value = run();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function isPost(input: FetchInput, init: FetchInit): boolean {
  const method = init?.method ?? (input instanceof Request ? input.method : undefined);
  return method === 'POST' || method === 'post';
}

interface Started {
  exchange: Exchange;
  run: (request: () => Promise<Response>) => Promise<Response>;
}

function start(instrument: Instrument, input: FetchInput, init: FetchInit): Started | undefined {
  const url = splitUrl(input instanceof Request ? input.url : String(input));
  const protocol = findProtocol(url.path, url.host);
  if (!protocol) return undefined;
  if (typeof init?.body === 'string' && protocol.isForeign?.(init.body, url.host)) return undefined;
  const begun = instrument.begin(protocol, url);
  if (!begun) return undefined;
  const { exchange } = begun;
  keepRequestBody(exchange, input, init);
  if (!undiciInstrumentation.hasSubscribers) return { exchange, run: (request) => hidesAnnouncement(url, request) };
  return { exchange, run: (request) => context.with(begun.context, () => hidesAnnouncement(url, request)) };
}

/** @returns the response for the app */
function observe(response: Response, exchange: Exchange, hasAskedForUsage: boolean): Response {
  // fetch has undone any content encoding.
  const { headers, status } = response;
  exchange.begin(status, (name) => headers.get(name) ?? undefined);
  if (isEmpty(response)) {
    exchange.end({ kind: 'finished' });
    return response;
  }
  const visible = hasAskedForUsage ? responseWithoutUsage(response, exchange) : response;
  tapResponse(visible, exchange);
  return visible;
}

function isEmpty(response: Response): boolean {
  return response.status === 204 || response.headers.get('content-length') === '0';
}

/** Takes the body as the app gave it. That of a `Request` is seen as fetch reads it. */
function keepRequestBody(exchange: Exchange, input: FetchInput, init: FetchInit): void {
  const body = init?.body;
  if (typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData) exchange.requestBody = body;
  else if (body instanceof ArrayBuffer) exchange.requestBody = new Uint8Array(body);
  else if (body === undefined && input instanceof Request && input.body && !input.bodyUsed) {
    const kept = new BodyBuffer(MAX_REQUEST_BYTES);
    exchange.requestBody = kept;
    tapStream(input.body, { chunk: (bytes) => kept.push(bytes), end() {}, retain() {} });
  }
}

/** Host and path of an absolute URL, without the price of parsing one. */
function splitUrl(url: string): RequestUrl {
  const secure = url.startsWith('https:');
  const hostStart = url.indexOf('://') + 3;
  const end = url.slice(hostStart).search(/[?#]/);
  const rest = end === -1 ? url.slice(hostStart) : url.slice(hostStart, hostStart + end);
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  // fetch refuses an address with credentials; they are not to be recorded all the same.
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return { host, path: slash === -1 ? '/' : rest.slice(slash), secure };
}
