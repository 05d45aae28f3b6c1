/** Plain HTTP clients that call a model without any client library: each once for JSON and once for a stream. */
import axios from 'axios';
import got from 'got';
import nodeFetch3 from 'node-fetch';
import nodeFetch2 from 'node-fetch2';
import superagent from 'superagent';
import * as undici from 'undici';
import * as undici6 from 'undici6';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const url = `${process.env.STAND_IN_URL}/v1/chat/completions`;
const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-test' };

async function text(chunks) {
  const decoder = new TextDecoder();
  let result = '';
  for await (const chunk of chunks) result += decoder.decode(chunk, { stream: true });
  return result;
}

/** Each gets a body as an object, and gives back what it read. */
const CLIENTS = {
  'global fetch': {
    json: async (body) => (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).json(),
    stream: async (body) => text((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).body),
  },
  axios: {
    json: async (body) => (await axios.post(url, body, { headers })).data,
    stream: async (body) => text((await axios.post(url, body, { headers, responseType: 'stream' })).data),
  },
  'axios with fetch': {
    json: async (body) => (await axios.post(url, body, { headers, adapter: 'fetch' })).data,
    stream: async (body) =>
      text((await axios.post(url, body, { headers, adapter: 'fetch', responseType: 'stream' })).data),
  },
  'node-fetch 2': {
    json: async (body) => (await nodeFetch2(url, { method: 'POST', headers, body: JSON.stringify(body) })).json(),
    stream: async (body) => text((await nodeFetch2(url, { method: 'POST', headers, body: JSON.stringify(body) })).body),
  },
  'node-fetch 3': {
    json: async (body) => (await nodeFetch3(url, { method: 'POST', headers, body: JSON.stringify(body) })).json(),
    stream: async (body) => text((await nodeFetch3(url, { method: 'POST', headers, body: JSON.stringify(body) })).body),
  },
  got: {
    json: (body) => got.post(url, { json: body, headers }).json(),
    stream: (body) => text(got.stream.post(url, { json: body, headers })),
  },
  superagent: {
    json: async (body) => (await superagent.post(url).set(headers).send(body)).body,
    stream: async (body) =>
      (await superagent.post(url).set(headers).send(body).buffer(true).parse(superagent.parse.text)).body ?? 'no body',
  },
  'global fetch that waits for a connection': { stream: waiting },
  ...undiciClients('undici', undici),
  ...undiciClients('undici 6', undici6),
};

/** Through a global dispatcher that lets two requests out at a time, while another client calls the same address. */
async function waiting(body) {
  const dispatcher = undici.getGlobalDispatcher();
  undici.setGlobalDispatcher(new undici.Agent({ connections: 2, pipelining: 1, keepAliveTimeout: 10 }));
  try {
    return await Promise.all([
      ...Array.from({ length: 6 }, () => CLIENTS['global fetch'].stream(body)),
      CLIENTS['undici 6 request'].stream(body),
    ]);
  } finally {
    undici.setGlobalDispatcher(dispatcher);
  }
}

/** With dispatchers of its own: the global one is shared by all versions in the process. */
function undiciClients(name, { Agent, fetch: undiciFetch, request, stream }) {
  const dispatcher = new Agent({ keepAliveTimeout: 10 });
  const options = (body) => ({ method: 'POST', headers, body: JSON.stringify(body), dispatcher });
  return {
    [`${name} request`]: {
      json: async (body) => (await request(url, options(body))).body.json(),
      stream: async (body) => text((await request(url, options(body))).body),
    },
    [`${name} fetch`]: {
      json: async (body) => (await undiciFetch(url, options(body))).json(),
      stream: async (body) => text((await undiciFetch(url, options(body))).body),
    },
    [`${name} stream`]: {
      stream: async (body) => {
        const chunks = [];
        const { Writable } = await import('node:stream');
        await stream(
          url,
          options(body),
          () => new Writable({ write: (chunk, _, done) => done(null, chunks.push(chunk)) }),
        );
        return Buffer.concat(chunks).toString();
      },
    },
  };
}

/** Ways in which a request through undici goes wrong. */
const BAD_ENDS = {
  'an error status': async (ask) => {
    const { statusCode, body } = await ask('error-429');
    return [statusCode, await body.json()];
  },
  'no connection': (ask) => ask('plain', { origin: process.env.REFUSED_URL }),
  'aborted before the answer': (ask) => ask('hang', { signal: AbortSignal.timeout(50) }),
  'aborted in the answer': async (ask) => {
    const aborter = new AbortController();
    const { body } = await ask('stall', { signal: aborter.signal });
    for await (const chunk of body) if (chunk.length > 0) aborter.abort();
  },
  'left in the answer': async (ask) => {
    const { body } = await ask('stall');
    for await (const chunk of body) return chunk.length > 0;
  },
  'cut by the server': async (ask) => text((await ask('cut')).body),
};

function badEnd(name, end) {
  const dispatcher = new undici.Agent({ keepAliveTimeout: 10 });
  const model = `bad end: ${name}`;
  const ask = (words, { origin = process.env.STAND_IN_URL, ...options } = {}) =>
    undici.request(`${origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...headers, 'x-stand-in': words },
      body: JSON.stringify({ model, messages, stream: true, stream_options: { include_usage: true } }),
      dispatcher,
      ...options,
    });
  return [model, () => end(ask)];
}

const messages = [{ role: 'user', content: 'What is the weather in Paris?' }];

await runScenarios([
  Object.entries(BAD_ENDS).map(([name, end]) => badEnd(name, end)),
  Object.entries(CLIENTS).flatMap(([client, { json, stream }]) => [
    ...(json ? [[`${client}: json`, () => json({ model: `${client}: json`, messages })]] : []),
    [
      `${client}: stream`,
      () => stream({ model: `${client}: stream`, messages, stream: true, stream_options: { include_usage: true } }),
    ],
  ]),
]);
