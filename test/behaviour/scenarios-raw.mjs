/**
 * What apps do with fetch and node:http themselves. Every scenario asks for the model it is named after, as those of
 * the clients do.
 */
import http from 'node:http';
import { PassThrough, Readable, pipeline } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { collect, describeError, describeResponse, outcome, settle } from './observe.mjs';
import { requestOf } from './requests.mjs';

const decode = (bytes) => new TextDecoder().decode(bytes);

const STREAM = { stream: true };

/** A fetch of the app's own. @param {any} app */
function send(app, words = 'plain', body = {}, init = {}) {
  const { address, ...request } = requestOf(app, words, body);
  return fetch(address, { method: 'POST', ...request, ...init });
}

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

/** Every way to read a body whole, once and again. */
const readWhole = Object.fromEntries(
  ['json', 'text', 'arrayBuffer', 'blob', 'bytes', 'formData'].map((method) => [
    `response.${method}()`,
    async (app) => {
      const response = await send(app);
      const read = async () => {
        const value = await response[method]();
        if (value instanceof ArrayBuffer || value instanceof Uint8Array) return decode(value);
        return value instanceof Blob ? { type: value.type, text: await value.text() } : value;
      };
      const first = await outcome(read);
      return { first, after: describeResponse(response), again: await outcome(read) };
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

const responses = {
  async 'response.clone()'(app) {
    const response = await send(app);
    const copy = response.clone();
    const described = { class: copy.constructor.name, url: copy.url, status: copy.status, used: copy.bodyUsed };
    return { described, copy: await copy.json(), original: await response.json() };
  },
  async 'response.clone(), only the copy read'(app) {
    const response = await send(app, 'plain', STREAM);
    return { copy: await response.clone().text(), used: response.bodyUsed };
  },
  async 'response.clone(), only the original read'(app) {
    const response = await send(app, 'plain', STREAM);
    response.clone();
    return { original: await response.text() };
  },
  async 'response.clone() after reading'(app) {
    const response = await send(app);
    await response.text();
    return outcome(() => response.clone());
  },
  async 'response.clone() after body was looked at'(app) {
    const response = await send(app, 'plain', STREAM);
    const before = response.body;
    const copy = response.clone();
    return { same: before === response.body, copy: await copy.text(), original: await response.text() };
  },
  async 'reader of the body'(app) {
    const response = await send(app, 'slow', STREAM);
    const reader = response.body.getReader();
    const { class: kind, locked } = { class: reader.constructor.name, locked: response.body.locked };
    const chunks = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) chunks.push(decode(part.value));
    const closed = await outcome(() => reader.closed);
    reader.releaseLock();
    return { kind, locked, text: chunks.join(''), closed, used: response.bodyUsed, unlocked: !response.body.locked };
  },
  async 'reader, released and taken again'(app) {
    const response = await send(app, 'slow', STREAM);
    const first = response.body.getReader();
    const start = decode((await first.read()).value);
    first.releaseLock();
    const afterRelease = await outcome(() => first.read());
    const second = response.body.getReader();
    const rest = [];
    for (let part = await second.read(); !part.done; part = await second.read()) rest.push(decode(part.value));
    return { afterRelease, text: start + rest.join('') };
  },
  async 'reader, several reads at once'(app) {
    const reader = (await send(app, 'slow', STREAM)).body.getReader();
    const parts = await Promise.all([reader.read(), reader.read(), reader.read()]);
    await reader.cancel();
    return parts.map(({ done, value }) => ({ done, class: value.constructor.name }));
  },
  async 'two readers'(app) {
    const { body } = await send(app);
    const reader = body.getReader();
    const second = await outcome(() => body.getReader());
    await reader.cancel();
    return second;
  },
  async 'reader with a buffer of its own'(app) {
    const { body } = await send(app, 'plain', STREAM);
    const reader = body.getReader({ mode: 'byob' });
    let buffer = new ArrayBuffer(64);
    let text = '';
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) break;
      text += decoder.decode(value, { stream: true });
      ({ buffer } = value);
    }
    return { class: reader.constructor.name, text };
  },
  async 'wrong reader mode'(app) {
    const { body } = await send(app);
    const result = await outcome(() => body.getReader({ mode: 'none' }));
    await body.cancel();
    return result;
  },
  async 'reader cancelled'(app) {
    const response = await send(app, 'slow', STREAM);
    const reader = response.body.getReader();
    await reader.read();
    const cancelled = await outcome(() => reader.cancel('enough'));
    return { cancelled, after: await reader.read(), closed: await outcome(() => reader.closed) };
  },
  async 'body cancelled'(app) {
    const response = await send(app, 'slow', STREAM);
    const cancelled = await outcome(() => response.body.cancel('enough'));
    return { cancelled, again: await outcome(() => response.text()), used: response.bodyUsed };
  },
  async 'body cancelled while locked'(app) {
    const response = await send(app, 'plain', STREAM);
    const reader = response.body.getReader();
    const cancelled = await outcome(() => response.body.cancel());
    await reader.cancel();
    return cancelled;
  },
  async 'body in a loop'(app) {
    const response = await send(app, 'split', STREAM);
    const { items, ...end } = await collect(response.body);
    return {
      text: decode(Buffer.concat(items)),
      classes: [...new Set(items.map((item) => item.constructor.name))],
      end,
    };
  },
  async 'body in a loop, break'(app) {
    const response = await send(app, 'slow', STREAM);
    const { items } = await collect(response.body, 1);
    return { count: items.length, used: response.bodyUsed, locked: response.body.locked };
  },
  async 'body in a loop that does not cancel'(app) {
    const response = await send(app, 'slow', STREAM);
    let text = '';
    for await (const chunk of response.body.values({ preventCancel: true })) {
      text += decode(chunk);
      break;
    }
    const rest = decode(Buffer.concat((await collect(response.body)).items));
    return { text: text + rest };
  },
  async 'body through a transform'(app) {
    const response = await send(app, 'slow', STREAM);
    const through = response.body.pipeThrough(new TextDecoderStream());
    const { locked } = response.body;
    const text = (await collect(through)).items.join('');
    return { locked, text, lockedAfter: response.body.locked };
  },
  async 'body through a transform, break'(app) {
    const response = await send(app, 'slow', STREAM);
    const read = await collect(response.body.pipeThrough(new TextDecoderStream()), 1);
    return { count: read.items.length };
  },
  async 'body piped'(app) {
    const response = await send(app, 'slow', STREAM);
    const chunks = [];
    const piped = await outcome(() =>
      response.body.pipeTo(new WritableStream({ write: (part) => void chunks.push(part) })),
    );
    return { piped, text: decode(Buffer.concat(chunks)), locked: response.body.locked };
  },
  async 'body piped, the sink fails'(app) {
    const response = await send(app, 'slow', STREAM);
    const sink = new WritableStream({
      write() {
        throw new Error('full');
      },
    });
    return { piped: await outcome(() => response.body.pipeTo(sink)), locked: response.body.locked };
  },
  async 'body piped, aborted'(app) {
    const response = await send(app, 'stall', STREAM);
    const signal = AbortSignal.timeout(60);
    const piped = await outcome(() => response.body.pipeTo(new WritableStream(), { signal }));
    return { piped, locked: response.body.locked };
  },
  async 'body teed'(app) {
    const response = await send(app, 'slow', STREAM);
    const sides = response.body.tee();
    const texts = await Promise.all(sides.map((side) => new Response(side).text()));
    return { texts, locked: response.body.locked, classes: sides.map((side) => side.constructor.name) };
  },
  async 'body teed, one side cancelled'(app) {
    const [left, right] = (await send(app, 'slow', STREAM)).body.tee();
    const cancelled = left.cancel('enough');
    return { right: await new Response(right).text(), cancelled: await outcome(() => cancelled) };
  },
  async 'body teed, both sides cancelled'(app) {
    const sides = (await send(app, 'slow', STREAM)).body.tee();
    return Promise.all(sides.map((side) => outcome(() => side.cancel('enough'))));
  },
  async 'body teed, read with a buffer of its own'(app) {
    const [left, right] = (await send(app, 'plain', STREAM)).body.tee();
    right.cancel().catch(() => {});
    const byob = await outcome(() => left.getReader({ mode: 'byob' }).constructor.name);
    await left.cancel().catch(() => {});
    return byob;
  },
  async 'body as a Node stream'(app) {
    const response = await send(app, 'split', STREAM);
    return { text: await textOf(Readable.fromWeb(response.body)), used: response.bodyUsed };
  },
  async 'body as a Node stream, destroyed'(app) {
    const readable = Readable.fromWeb((await send(app, 'slow', STREAM)).body);
    const events = [];
    for (const event of ['end', 'close', 'error']) readable.on(event, () => events.push(event));
    await new Promise((resolve) => {
      readable.once('data', resolve);
    });
    readable.destroy();
    await sleep(20);
    return events;
  },
  async 'body in a new Response'(app) {
    const response = await send(app, 'plain', STREAM);
    const wrapped = new Response(response.body, response);
    return { text: await wrapped.text(), original: describeResponse(response) };
  },
  async 'body in a new Response that is dropped'(app) {
    let wrapped = new Response((await send(app, 'slow', STREAM)).body);
    const { status } = wrapped;
    wrapped = undefined;
    await settle();
    return status;
  },
  async 'body is always the same'(app) {
    const response = await send(app);
    const { body } = response;
    return { same: body === response.body, again: body === response.body, json: await response.json() };
  },
  async 'what cannot be cloned'(app) {
    const response = await send(app);
    const result = await outcome(() => structuredClone(response));
    await response.text();
    return result;
  },
  async 'body transferred'(app) {
    const { body } = await send(app, 'plain', STREAM);
    const moved = structuredClone(body, { transfer: [body] });
    return { text: await new Response(moved).text(), locked: body.locked };
  },
  async 'methods of another class'(app) {
    const response = await send(app);
    const borrowed = await outcome(() => Response.prototype.json.call(response));
    return { borrowed, foreign: await outcome(() => response.json.call({})) };
  },
  async 'read twice at once'(app) {
    const response = await send(app);
    return Promise.all([outcome(() => response.text()), outcome(() => response.json())]);
  },
  async 'read while locked'(app) {
    const response = await send(app);
    const reader = response.body.getReader();
    const result = await outcome(() => response.text());
    await reader.cancel();
    return result;
  },
  async 'not what it says'(app) {
    const response = await send(app, 'plain', STREAM);
    return outcome(() => response.json());
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

/** A call through node:http; `use` gets the request and says what to do with it. */
function call(app, words, body, use) {
  const { address, headers, body: text } = requestOf(app, words, body);
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method: 'POST', headers });
    use(request, resolve, reject);
    request.end(text);
  });
}

/** What is emitted, in order. */
function record(emitter, names) {
  const events = [];
  for (const name of names)
    emitter.on(name, (value) => events.push(value instanceof Error ? [name, describeError(value)] : name));
  return events;
}

const RESPONSE_EVENTS = ['end', 'close', 'aborted', 'error', 'pause', 'resume'];

const nodeHttp = {
  'http, data': (app) =>
    call(app, 'plain', {}, (request, resolve, reject) => {
      request.on('error', reject).on('response', (response) => {
        const events = record(response, RESPONSE_EVENTS);
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('close', () => {
          const { statusCode, headers, complete } = response;
          resolve({ text: decode(Buffer.concat(chunks)), events, statusCode, headers, complete });
        });
      });
    }),
  'http, callback': (app) => {
    const { address, headers, body } = requestOf(app, 'plain');
    return new Promise((resolve, reject) => {
      const request = http.request(address, { method: 'POST', headers }, (response) => resolve(textOf(response)));
      request.on('error', reject).write(body.slice(0, 10), () => request.end(body.slice(10)));
    });
  },
  'http, options only': (app) => {
    const { address, headers, body } = requestOf(app, 'plain');
    const { hostname, port, pathname } = new URL(address);
    return new Promise((resolve, reject) => {
      const request = http.request({ hostname, port, path: pathname, method: 'POST', headers });
      request.on('error', reject).on('response', (response) => resolve(textOf(response)));
      Readable.from([Buffer.from(body)]).pipe(request);
    });
  },
  'http.get': (app) =>
    new Promise((resolve) => {
      http.get(`${app.url}/v1/models`, (response) => resolve(textOf(response)));
    }),
  'http, text decoder': (app) =>
    call(app, 'split', STREAM, (request, resolve) => {
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ text, encoding: response.readableEncoding }));
      });
    }),
  'http, pipe': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', (response) => resolve(textOf(response.pipe(new PassThrough()))));
    }),
  'http, pipeline of gzip': async (app) => {
    const { address, headers, body } = requestOf(app, 'gzip');
    const response = await new Promise((resolve, reject) => {
      http
        .request(address, { method: 'POST', headers: { ...headers, 'accept-encoding': 'gzip' } }, resolve)
        .on('error', reject)
        .end(body);
    });
    const plain = pipeline(response, createGunzip(), () => {});
    return { encoding: response.headers['content-encoding'], text: await textOf(plain) };
  },
  'http, loop': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', async (response) => {
        const { items } = await collect(response);
        resolve({ text: decode(Buffer.concat(items)), destroyed: response.destroyed });
      });
    }),
  'http, loop and break': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', async (response) => {
        const events = record(request, ['close', 'error']);
        await collect(response, 1);
        await sleep(20);
        resolve({ events, destroyed: response.destroyed, aborted: response.aborted });
      });
    }),
  'http, readable and read()': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      request.on('response', (response) => {
        let text = '';
        response.on('readable', () => {
          for (let chunk = response.read(16); chunk; chunk = response.read(16) ?? response.read()) text += chunk;
        });
        response.on('end', () => resolve(text));
      });
    }),
  'http, paused': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('response', async (response) => {
        const events = record(response, RESPONSE_EVENTS);
        response.pause();
        await sleep(60);
        const { items } = await collect(response);
        resolve({ events, text: decode(Buffer.concat(items)) });
      });
    }),
  'http, nobody listens for the response': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      const events = record(request, ['error']);
      request.on('close', () => resolve({ events, listeners: request.listenerCount('response') }));
    }),
  'http, response never read': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      request.on('response', async (response) => {
        await settle();
        const { complete, readableFlowing, destroyed } = response;
        resolve({ complete, readableFlowing, destroyed, listeners: response.eventNames() });
        response.destroy();
      });
    }),
  'http, response destroyed': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      const events = record(request, ['close', 'error']);
      request.on('response', async (response) => {
        const seen = record(response, RESPONSE_EVENTS);
        response.once('data', () => response.destroy());
        await sleep(40);
        resolve({ events, seen });
      });
    }),
  'http, response destroyed with an error': (app) =>
    call(app, 'slow', STREAM, (request, resolve) => {
      request.on('error', () => {});
      request.on('response', async (response) => {
        const seen = record(response, RESPONSE_EVENTS);
        response.once('data', () => response.destroy(new Error('mine')));
        resolve({ ended: await outcome(() => finished(response)), seen });
      });
    }),
  'http, request destroyed': (app) =>
    call(app, 'hang', {}, (request, resolve) => {
      const events = record(request, ['close', 'error', 'abort']);
      setTimeout(() => request.destroy(), 40);
      request.on('close', () => resolve(events));
    }),
  'http, aborted by a signal': (app) => {
    const { address, headers, body } = requestOf(app, 'hang');
    return new Promise((resolve) => {
      const request = http.request(address, { method: 'POST', headers, signal: AbortSignal.timeout(40) });
      request.on('error', (error) => resolve(describeError(error))).end(body);
    });
  },
  'http, timeout': (app) =>
    call(app, 'hang', {}, (request, resolve) => {
      const events = record(request, ['timeout', 'close', 'error']);
      request.setTimeout(40, () => request.destroy(new Error('too slow')));
      request.on('close', () => resolve(events));
    }),
  'http, cut': (app) =>
    call(app, 'cut', STREAM, (request, resolve) => {
      request.on('error', () => {});
      request.on('response', (response) => {
        const events = record(response, RESPONSE_EVENTS);
        response.resume().on('close', () => resolve({ events, complete: response.complete }));
      });
    }),
  'http, connection refused': (app) =>
    call({ ...app, url: app.refused }, 'plain', {}, (request, resolve) => {
      request.on('error', (error) => resolve(describeError(error)));
    }),
  'http, error': (app) =>
    call(app, 'error-429', {}, (request, resolve) => {
      request.on('response', async (response) =>
        resolve({ status: response.statusCode, text: await textOf(response) }),
      );
    }),
  'http, an error nobody listens for': (app) =>
    // The process would end; whoever listens for that sees the same error as before.
    new Promise((resolve) => {
      process.once('uncaughtException', (error) => resolve(describeError(error)));
      const { address, headers, body } = requestOf({ ...app, url: app.refused }, 'plain');
      http.request(address, { method: 'POST', headers }).end(body);
    }),
  'http, an exception in a listener': (app) =>
    new Promise((resolve) => {
      const { address, headers, body } = requestOf(app, 'plain');
      const request = http.request(address, { method: 'POST', headers }, () => {
        throw new Error('mine');
      });
      process.once('uncaughtException', (error) => {
        request.destroy();
        resolve(describeError(error));
      });
      request.on('error', () => {}).end(body);
    }),
  'http, kept alive': async (app) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const reused = [];
    for (let round = 0; round < 3; round++) {
      const { address, headers, body } = requestOf(app, 'plain');
      await new Promise((resolve, reject) => {
        const request = http.request(address, { method: 'POST', headers, agent }, (response) => {
          reused.push(request.reusedSocket);
          response.resume().on('end', resolve);
        });
        request.on('error', reject).end(body);
      });
      await sleep(1);
    }
    agent.destroy();
    return reused;
  },
  'http, what a request is': (app) =>
    call(app, 'plain', {}, (request, resolve) => {
      const { method, path: target, host, protocol } = request;
      const described = {
        method,
        target,
        host,
        protocol,
        class: request.constructor.name,
        headers: request.getHeaderNames(),
      };
      request.on('response', (response) => {
        response.resume();
        resolve({ ...described, response: response.constructor.name, listeners: request.eventNames().map(String) });
      });
    }),
  'http, wrong arguments': async () => ({
    url: await outcome(() => void http.request('nowhere')),
    method: await outcome(() => void http.request('http://127.0.0.1', { method: 'NO WAY' })),
    protocol: await outcome(() => void http.request('ftp://127.0.0.1')),
  }),
};

/** @type {Record<string, (app: { url: string, refused: string, model: string }) => Promise<unknown>>} */
export const RAW_SCENARIOS = { ...requestBodies, ...requests, ...readWhole, ...responses, ...failures, ...nodeHttp };
