/**
 * The global `fetch` is undici too: its requests are announced on the same channels as those of the package, nearly
 * always while `fetch` is being called. But a dispatcher with few connections keeps requests waiting, and a redirect
 * makes another request: such a one is expected here until it is announced or the fetch has its answer.
 */
import { guard } from '../util/guard.ts';
import type { RequestUrl } from './exchange.ts';
import { hidesNestedRequests, isInRequest } from './instrument.ts';

/** A `fetch` without its answer, and the address of the request that it is expected to make. */
interface PendingFetch {
  next: string | undefined;
}

let beingCalled: PendingFetch | undefined;
const expected = new Map<string, Set<PendingFetch>>();
/** By the request that undici announced. */
const pending = new WeakMap<object, PendingFetch>();

/** Calls `fetch`, whose request another hook sees as well and is not to count. */
export function hidesAnnouncement(url: RequestUrl, fetch: () => Promise<Response>): Promise<Response> {
  const call: PendingFetch = { next: addressOf(url) };
  const outer = beingCalled;
  beingCalled = call;
  try {
    const response = hidesNestedRequests(fetch);
    if (call.next !== undefined) expect(call, url);
    const settle = (): void => guard('fetch', () => forget(call));
    response.then(settle, settle);
    return response;
  } finally {
    beingCalled = outer;
  }
}

/** Whether a request that undici announces is that of a `fetch` which is observed already. */
export function isOfFetch(request: object, url: Pick<RequestUrl, 'host' | 'path'>): boolean {
  const [first] = isInRequest() ? [beingCalled] : (expected.get(addressOf(url)) ?? []);
  if (!first) return isInRequest();
  forget(first);
  pending.set(request, first);
  return true;
}

/** A redirect that keeps the method: a `fetch` that follows it sends its request again, to `url`. */
export function redirected(request: object, url: Pick<RequestUrl, 'host' | 'path'>): void {
  const call = pending.get(request);
  if (call) expect(call, url);
}

function expect(call: PendingFetch, url: Pick<RequestUrl, 'host' | 'path'>): void {
  call.next = addressOf(url);
  const waiting = expected.get(call.next) ?? new Set();
  expected.set(call.next, waiting.add(call));
}

function forget(call: PendingFetch): void {
  if (call.next === undefined) return;
  const waiting = expected.get(call.next);
  waiting?.delete(call);
  if (waiting?.size === 0) expected.delete(call.next);
  call.next = undefined;
}

function addressOf({ host, path }: Pick<RequestUrl, 'host' | 'path'>): string {
  return `${host}${path}`;
}
