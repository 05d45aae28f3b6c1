/**
 * What apps give fetch, and how it fails.
 * Every scenario asks for the model it is named after, as those of the clients do.
 */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, describeResponse, outcome, settle } from './observe.mjs';
import { decode, requestOf, send, STREAM } from './requests.mjs';

/** The request body in every type fetch takes. */
const bodies = {
  'a string': (body) => body,
  bytes: (body) => new TextEncoder().encode(body),
  'a buffer': (body) => Buffer.from(body),
  'an array buffer': (body) => new TextEncoder().encode(body).buffer,
  'a data view': (body) => new DataView(new TextEncoder().encode(body).buffer),
  'a blob': (body) => new Blob([body], { type: 'application/json' }),
  'form fields': (body) => new URLSearchParams({ body }),
  'a stream': (body) => new Blob([body]).stream(),
  'an async iterable': (body) => Readable.from([Buffer.from(body)]),
};

const requestBodies = Object.fromEntries(
  Object.entries(bodies).map(([type, convert]) => [
    `fetch with ${type}`,
    async (app) => {
      const { address, headers, body } = requestOf(app, 'plain');
      const converted = convert(body);
      const response = await fetch(address, { method: 'POST', headers, body: converted, duplex: 'half' });
      return { response: describeResponse(response), json: await response.json(), locked: converted.locked };
    },
  ]),
);

const requests = {
  async 'fetch of a Request'(app) {
    const { address, headers, body } = requestOf(app, 'plain');
    const request = new Request(address, { method: 'POST', headers, body });
    const json = await (await fetch(request)).json();
    return { json, used: request.bodyUsed, again: await outcome(() => request.text()) };
  },
  async 'fetch of a Request with a stream'(app) {
    const { address, headers, body } = requestOf(app, 'plain');
    const stream = new Blob([body]).stream();
    const request = new Request(address, { method: 'POST', headers, body: stream, duplex: 'half' });
    const same = request.body === stream;
    const json = await (await fetch(request)).json();
    return { json, same, used: request.bodyUsed, locked: stream.locked };
  },
  async 'fetch of a Request and another body'(app) {
    const { address, headers, body } = requestOf(app, 'plain');
    const request = new Request(address, { method: 'POST', headers, body: 'not this one' });
    // oxlint-disable-next-line unicorn/no-invalid-fetch-options -- the method is the request's
    const json = await (await fetch(request, { body })).json();
    return { json, used: request.bodyUsed };
  },
  async 'fetch of a URL object'(app) {
    const { address, ...request } = requestOf(app, 'plain');
    return (await fetch(new URL(address), { method: 'POST', ...request })).json();
  },
  async 'fetch of something that becomes a URL'(app) {
    const { address, ...request } = requestOf(app, 'plain');
    return (await fetch({ toString: () => address }, { method: 'POST', ...request })).json();
  },
  async 'fetch, wrong arguments'(app) {
    return {
      none: await outcome(() => fetch()),
      noUrl: await outcome(() => fetch('nowhere', { method: 'POST' })),
      badMethod: await outcome(() => fetch(app.url, { method: 'NO WAY' })),
      // oxlint-disable-next-line unicorn/no-invalid-fetch-options -- that is the point
      bodyOfGet: await outcome(() => fetch(app.url, { body: 'x' })),
      noDuplex: await outcome(() => send(app, 'plain', {}, { body: new Blob(['{}']).stream() })),
      usedRequest: await outcome(async () => {
        const request = new Request(`${app.url}/v1/chat/completions`, { method: 'POST', body: '{}' });
        await request.text();
        return fetch(request);
      }),
    };
  },
  async 'fetch is still fetch'() {
    return {
      name: fetch.name,
      length: fetch.length,
      keys: Object.keys(fetch),
      promise: fetch('data:,x') instanceof Promise,
      detached: await outcome(async () => (await (0, fetch)('data:,x')).text()),
      asMethod: await outcome(async () => (await { fetch }.fetch('data:,x')).text()),
    };
  },
};

const failures = {
  'fetch of an error': async (app) => {
    const response = await send(app, 'error-500');
    return { response: describeResponse(response), json: await response.json() };
  },
  'fetch, connection refused': (app) => outcome(() => send({ ...app, url: app.refused })),
  'fetch, hang and abort': (app) => outcome(() => send(app, 'hang', {}, { signal: AbortSignal.timeout(60) })),
  'fetch, abort with a reason': async (app) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new RangeError('mine')), 60);
    return outcome(() => send(app, 'hang', {}, { signal: controller.signal }));
  },
  'fetch, aborted before': (app) => outcome(() => send(app, 'plain', {}, { signal: AbortSignal.abort() })),
  'fetch, aborted while reading': async (app) => {
    const controller = new AbortController();
    const response = await send(app, 'stall', STREAM, { signal: controller.signal });
    setTimeout(() => controller.abort(), 60);
    return outcome(() => response.text());
  },
  'fetch, aborted and never read': async (app) => {
    const controller = new AbortController();
    await send(app, 'stall', STREAM, { signal: controller.signal });
    controller.abort();
    await settle();
  },
  'fetch, cut': async (app) => outcome(async () => (await send(app, 'cut')).json()),
  'fetch, cut stream in a loop': async (app) => {
    const { items, ...end } = await collect((await send(app, 'cut', STREAM)).body);
    return { text: decode(Buffer.concat(items)), end };
  },
  'fetch, cut stream teed': async (app) => {
    const sides = (await send(app, 'cut', STREAM)).body.tee();
    return Promise.all(sides.map((side) => outcome(() => new Response(side).text())));
  },
  'fetch, cut stream through a transform': async (app) => {
    const response = await send(app, 'cut', STREAM);
    return outcome(() => new Response(response.body.pipeThrough(new TextDecoderStream())).text());
  },
  'fetch, cut and never read': async (app) => {
    const response = await send(app, 'cut', STREAM);
    await sleep(80);
    return describeResponse(response).status;
  },
  'fetch, never read': async (app) => {
    await send(app, 'slow', STREAM);
    await settle();
  },
  'fetch, gzip': async (app) => (await send(app, 'gzip')).json(),
};

/** @type {Record<string, (app: { url: string, refused: string, model: string }) => Promise<unknown>>} */
export const FETCH_SCENARIOS = { ...requestBodies, ...requests, ...failures };
