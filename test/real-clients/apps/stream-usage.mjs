/** Streams read in every way, of requests that do not ask for usage and of some that do. */
import http from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import OpenAI4 from 'openai4';
import OpenAI6 from 'openai6';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const url = `${process.env.STAND_IN_URL}/v1/chat/completions`;
const headers = { 'content-type': 'application/json' };
const bodyOf = (model, more = {}) => ({
  model,
  stream: true,
  messages: [{ role: 'user', content: 'Weather?' }],
  ...more,
});

const fetched = (body, init = {}) => fetch(url, { method: 'POST', headers, body: JSON.stringify(body), ...init });

/** A call through node:http; `send` writes the body. */
const requested = (send, more = {}) =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers: { ...headers, ...more } }, resolve);
    request.on('error', reject);
    send(request);
  });

async function chunksOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const openai = (OpenAI, more) => async (model) => {
  const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${process.env.STAND_IN_URL}/v1` });
  return chunksOf(await client.chat.completions.create(bodyOf(model, more)));
};

const asking = { stream_options: { include_usage: true } };

const SCENARIOS = {
  'fetch, text': async (model) => (await fetched(bodyOf(model))).text(),
  'fetch, iterated': async (model) => text((await fetched(bodyOf(model))).body),
  'fetch, clone': async (model) => {
    const response = await fetched(bodyOf(model));
    return Promise.all([response.clone().text(), response.text()]);
  },
  'fetch, bytes by reader': async (model) => {
    const reader = (await fetched(bodyOf(model))).body.getReader({ mode: 'byob' });
    const chunks = [];
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(100));
      if (done) return Buffer.concat(chunks).toString();
      chunks.push(value);
    }
  },
  'fetch, described': async (model) => {
    const response = await fetched(bodyOf(model));
    const { status, statusText, ok, redirected, type, bodyUsed } = response;
    await response.text();
    return { status, statusText, ok, redirected, type, bodyUsed, path: new URL(response.url).pathname };
  },
  'fetch, with a length': async (model) => {
    const body = JSON.stringify(bodyOf(model));
    return (await fetched(undefined, { body, headers: { ...headers, 'content-length': String(body.length) } })).text();
  },
  'fetch, other options': async (model) =>
    (await fetched(bodyOf(model, { stream_options: { include_obfuscation: false } }))).text(),
  'fetch, small pieces': async (model) =>
    (await fetched(bodyOf(model), { headers: { ...headers, 'x-stand-in': 'split' } })).text(),
  'fetch, asking': async (model) => (await fetched(bodyOf(model, asking))).text(),
  'fetch, no stream': async (model) => (await fetched(bodyOf(model, { stream: false }))).json(),
  'fetch, an error': async (model) => {
    const response = await fetched(bodyOf(model), { headers: { ...headers, 'x-stand-in': 'error-429' } });
    return [response.status, await response.json()];
  },
  'http, at once': async (model) => text(await requested((request) => request.end(JSON.stringify(bodyOf(model))))),
  'http, with a length': async (model) => {
    const body = JSON.stringify(bodyOf(model));
    return text(await requested((request) => request.end(body), { 'content-length': body.length }));
  },
  'http, in pieces': async (model) => {
    const body = Buffer.from(JSON.stringify(bodyOf(model)));
    const send = (request) =>
      request.write(body.subarray(0, 9), () => request.write(body.subarray(9), () => request.end()));
    return text(await requested(send, { 'accept-encoding': 'gzip', 'content-length': body.length }));
  },
  'http, small pieces': async (model) =>
    String(
      await buffer(await requested((request) => request.end(JSON.stringify(bodyOf(model))), { 'x-stand-in': 'split' })),
    ),
  'http, asking': async (model) =>
    text(await requested((request) => request.end(JSON.stringify(bodyOf(model, asking))))),
  'http, an error': async (model) =>
    text(await requested((request) => request.end(JSON.stringify(bodyOf(model))), { 'x-stand-in': 'error-400' })),
  'openai 4': openai(OpenAI4),
  'openai 4, asking': openai(OpenAI4, asking),
  'openai 6': openai(OpenAI6),
  'openai 6, asking': openai(OpenAI6, asking),
};

await runScenarios([Object.entries(SCENARIOS).map(([name, scenario]) => [name, () => scenario(name)])]);
