/**
 * The global `fetch` is undici too: its requests are announced on the same channels as those of the package, nearly
 * always while `fetch` is being called. But a dispatcher with few connections keeps requests waiting: such a fetch is
 * expected here until it is announced or has its answer.
 */
import type { RequestUrl } from './exchange.ts';
import { hidesNestedRequests, isInRequest } from './instrument.ts';

let announcedWithin = 0;
/** Fetches that wait, by address. */
const expected = new Map<string, Set<object>>();

/** Calls `fetch`, whose request another hook sees as well and is not to count. */
export function hidesAnnouncement(url: RequestUrl, fetch: () => Promise<Response>): Promise<Response> {
  const before = announcedWithin;
  const response = hidesNestedRequests(fetch);
  if (announcedWithin === before) expect(addressOf(url), response);
  return response;
}

/** Whether a request that undici announces is that of a `fetch` which is observed already. */
export function isOfFetch(url: Pick<RequestUrl, 'host' | 'path'>): boolean {
  if (isInRequest()) {
    announcedWithin++;
    return true;
  }
  const [first] = expected.get(addressOf(url)) ?? [];
  if (first) forget(addressOf(url), first);
  return first !== undefined;
}

function expect(address: string, response: Promise<Response>): void {
  const waiting = expected.get(address) ?? new Set();
  expected.set(address, waiting.add(response));
  const settle = (): void => forget(address, response);
  response.then(settle, settle);
}

function forget(address: string, response: object): void {
  const waiting = expected.get(address);
  waiting?.delete(response);
  if (waiting?.size === 0) expected.delete(address);
}

function addressOf({ host, path }: Pick<RequestUrl, 'host' | 'path'>): string {
  return `${host}${path}`;
}
