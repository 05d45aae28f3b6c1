/** Everything an app can see of a call, as plain data: two runs behave the same if their observations are equal. */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

/** @param {() => unknown} run what is awaited, and what it throws */
export async function outcome(run) {
  try {
    return { value: await run() };
  } catch (error) {
    return { error: describeError(error) };
  }
}

/** @param {any} error */
export function describeError(error) {
  if (typeof error !== 'object' || error === null) return { thrown: String(error) };
  const { name, message, status, code, type, param, requestID, error: body, errno, syscall, cause } = error;
  return {
    class: error.constructor?.name,
    isError: error instanceof Error,
    name,
    message,
    status,
    code,
    type,
    param,
    requestID,
    body,
    errno,
    syscall,
    headers: error.headers && Object.fromEntries(headerEntries(error.headers)),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

function headerEntries(headers) {
  return typeof headers.entries === 'function' ? [...headers.entries()] : Object.entries(headers);
}

/** A `Response` of fetch or of a polyfill, before or after its body is read. @param {any} response */
export function describeResponse(response) {
  const { status, statusText, ok, url, redirected, type, bodyUsed, body } = response;
  return {
    status,
    statusText,
    ok,
    url,
    redirected,
    type,
    bodyUsed,
    class: response.constructor.name,
    tag: Object.prototype.toString.call(response),
    isResponse: response instanceof Response,
    keys: Object.keys(response),
    headers: Object.fromEntries(headerEntries(response.headers)),
    shown: typeof Response === 'function' && response instanceof Response ? inspect(response) : undefined,
    body: body && {
      class: body.constructor.name,
      same: body === response.body,
      locked: body.locked,
      keys: Object.keys(body),
    },
  };
}

/** A promise as the caller gets it. @param {any} promise */
export function describePromise(promise) {
  return { class: promise.constructor.name, isPromise: promise instanceof Promise, keys: Object.keys(promise) };
}

const QUIET_MS = 60;

/**
 * Runs `action` once, when what has begun to happen has stopped happening: at a point that does not depend on speed.
 * @param {() => void} action
 * @returns to be called whenever something happens
 */
export function onceQuiet(action) {
  let timer;
  let done = false;
  return () => {
    if (done) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      done = true;
      action();
    }, QUIET_MS);
  };
}

/**
 * Reads at most `limit` items; breaks out of the loop after the last. What was read before an error is kept.
 * @param {AsyncIterable<unknown>} iterable
 */
export async function collect(iterable, limit = Infinity, onItem = () => {}) {
  const items = [];
  const ended = await outcome(async () => {
    for await (const item of iterable) {
      items.push(item);
      onItem();
      if (items.length >= limit) return 'broke out';
    }
    return 'ended';
  });
  return { items, ...ended };
}

/** Time for everything pending to happen: sockets, timers, unhandled rejections, finalizers. */
export async function settle() {
  await sleep(5);
  globalThis.gc?.();
  await sleep(5);
}
