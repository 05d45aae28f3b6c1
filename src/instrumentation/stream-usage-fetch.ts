import { ReadableStream, type UnderlyingByteSource } from 'node:stream/web';
import type { Exchange } from './exchange.ts';
import { askForUsage, mayAskForUsage, type Sifted, UsageEventFilter } from './stream-usage.ts';

type FetchInit = Parameters<typeof globalThis.fetch>[1];

/** The options of a `fetch` with usage asked for, made from the app's own; `undefined` if the request is not to change. */
export function initWithUsage(exchange: Exchange, init: FetchInit): FetchInit {
  if (typeof init?.body !== 'string' || !mayAskForUsage(exchange)) return undefined;
  const body = askForUsage(init.body);
  if (body === undefined) return undefined;
  const headers = new Headers(init.headers);
  if (!headers.has('content-length')) return derived(init, { body });
  headers.set('content-length', String(Buffer.byteLength(body)));
  return derived(init, { body, headers });
}

/** Inherits, as options may have getters and what only undici knows (`dispatcher`). */
function derived(init: RequestInit, changes: RequestInit): RequestInit {
  return Object.assign(Object.create(init) as RequestInit, changes);
}

/** The response without the event that was asked for here; it is kept with the exchange. */
export function responseWithoutUsage(response: Response, exchange: Exchange): Response {
  const { body, status, statusText, headers, url, redirected, type } = response;
  if (!exchange.framing || !body) return response;
  const visible = new Response(sifted(body, exchange), { status, statusText, headers });
  const fixed = Object.entries({ url, redirected, type }).map(([name, value]) => [name, { value, configurable: true }]);
  return Object.defineProperties(visible, Object.fromEntries(fixed) as PropertyDescriptorMap);
}

/** Read on demand, and a byte stream, as the bodies of responses are. */
function sifted(body: ReadableStream<Uint8Array>, exchange: Exchange): ReadableStream {
  const reader = body.getReader();
  const filter = new UsageEventFilter();
  const source: UnderlyingByteSource = {
    type: 'bytes',
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        const { visible, withheld }: Sifted = done ? { visible: filter.end() } : filter.push(value);
        if (withheld) exchange.withheld = withheld;
        // The stream takes the memory of what it is given; the filter may hold the rest of it.
        if (visible.byteLength > 0) controller.enqueue(new Uint8Array(visible));
        if (done) {
          controller.close();
          controller.byobRequest?.respond(0);
        }
        if (done || visible.byteLength > 0) return;
      }
    },
    cancel: (reason: unknown) => reader.cancel(reason),
  };
  return new ReadableStream(source);
}
