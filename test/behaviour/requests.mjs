/**
 * A chat completion as an app without a client library asks for it.
 * @param {{ url: string, model: string }} app
 * @param {string} words what the stand-in provider is to do
 */
export function requestOf({ url, model }, words, body = {}) {
  return {
    address: `${url}/v1/chat/completions`,
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-test', 'x-stand-in': words },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Wie heiß ist es in Köln? 🌡' }], ...body }),
  };
}

/** Asks for it with fetch. @param {{ url: string, model: string }} app */
export function send(app, words = 'plain', body = {}, init = {}) {
  const { address, ...request } = requestOf(app, words, body);
  return fetch(address, { method: 'POST', ...request, ...init });
}

/** What makes the answer a stream. */
export const STREAM = { stream: true };

/** @param {Uint8Array} bytes */
export function decode(bytes) {
  return new TextDecoder().decode(bytes);
}
