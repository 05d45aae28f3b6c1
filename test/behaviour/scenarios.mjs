/**
 * What apps do with a client, the same for each API (`surface.mjs`). A scenario gets the app (`run-app.mjs`) and returns
 * what it saw. Its name is the model it asks for, by which its spans and the provider's exchanges are found again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, describePromise, describeResponse, onceQuiet, outcome, settle } from './observe.mjs';

const STREAM = { stream: true };
/** Long enough for a request to have arrived, short enough to wait for. */
const SOON_MS = 60;

/** Answers of the stand-in provider, each as JSON, as a stream and through the client's stream helper. */
const EVERY_WAY = ['plain', 'tools', 'reasoning', 'cached', 'cache-write', 'web-search', 'incomplete', 'split', 'slow'];

const everyWay = Object.fromEntries(
  EVERY_WAY.flatMap((words) => [
    [words, ({ call }) => outcome(() => call(words))],
    [`stream, ${words}`, async ({ call }) => collect(await call(words, STREAM))],
    [`helper, ${words}`, ({ helper }) => readHelper(helper(words))],
  ]),
);

/** What fails, as JSON, as a stream and through the stream helper. */
const FAILURES = ['error-400', 'error-429', 'error-500', 'retry-429', 'retry-500', 'cut', 'stream-error'];

const failures = Object.fromEntries(
  FAILURES.flatMap((words) => [
    [words, ({ call }) => outcome(() => call(words, {}, { maxRetries: 1 }))],
    [`stream, ${words}`, ({ call }) => outcome(async () => collect(await call(words, STREAM, { maxRetries: 1 })))],
    [`helper, ${words}`, ({ helper }) => readHelper(helper(words, {}, { maxRetries: 1 }))],
  ]),
);

/** Events in order, and all the ways to get the end of the stream. */
async function readHelper({ stream, events, finals }, onEvent = () => {}) {
  const seen = [];
  for (const event of events) {
    stream.on(event, () => {
      seen.push(event);
      onEvent();
    });
  }
  const done = await outcome(() => stream.done());
  const results = {};
  for (const final of finals) results[final] = await outcome(() => stream[final]());
  return { seen, done, results, aborted: stream.aborted, errored: stream.errored, ended: stream.ended };
}

/** Helpers go on changing objects they have handed out, so what is in them depends on when one looks. */
function kinds({ items, ...end }) {
  return { items: items.map(({ type, object }) => type ?? object), ...end };
}

/** @type {Record<string, (app: any) => Promise<unknown>>} */
export const SCENARIOS = {
  ...everyWay,
  ...failures,

  async promise({ call }) {
    const promise = call('plain');
    const first = await promise;
    const order = [];
    await promise
      .then(() => order.push('then'))
      .catch(() => order.push('catch'))
      .finally(() => order.push('finally'));
    return {
      promise: describePromise(promise),
      sameResult: first === (await promise),
      order,
      keys: Object.keys(first),
    };
  },

  async withResponse({ call }) {
    const { data, response, request_id } = await call('plain').withResponse();
    return { data, request_id, response: describeResponse(response) };
  },

  async 'withResponse of a stream'({ call }) {
    const { data, response } = await call('plain', STREAM).withResponse();
    return { before: describeResponse(response), ...(await collect(data)), after: describeResponse(response) };
  },

  async asResponse({ call }) {
    const response = await call('plain').asResponse();
    const before = describeResponse(response);
    const json = await response.json();
    return { before, json, after: describeResponse(response), again: await outcome(() => response.json()) };
  },

  async 'asResponse, cloned'({ call }) {
    const response = await call('plain').asResponse();
    const clone = response.clone();
    return { clone: await clone.text(), original: await response.text(), class: clone.constructor.name };
  },

  async 'asResponse of a stream'({ call }) {
    const response = await call('plain', STREAM).asResponse();
    return { text: await response.text(), after: describeResponse(response) };
  },

  async 'response never read'({ call }) {
    let response = await call('plain').asResponse();
    const seen = describeResponse(response);
    response = undefined;
    await settle();
    return seen;
  },

  async 'stream never read'({ call }) {
    let stream = await call('slow', STREAM);
    const seen = { class: stream.constructor.name, keys: Object.keys(stream) };
    stream = undefined;
    await settle();
    return seen;
  },

  parse: ({ parse }) => outcome(() => parse('structured')),
  'parse, refused by the schema': ({ parse }) => outcome(() => parse('plain')),

  async break({ call }) {
    const stream = await call('slow', STREAM);
    const read = await collect(stream, 2);
    const aborted = stream.controller.signal.aborted;
    return { read, aborted, again: await collect(stream), next: await outcome(() => call('plain')) };
  },

  async 'throw inside the loop'({ call }) {
    const stream = await call('slow', STREAM);
    const thrown = await outcome(async () => {
      for await (const _ of stream) throw new Error('mine');
    });
    return { thrown, aborted: stream.controller.signal.aborted };
  },

  async 'iterated by hand'({ call }) {
    const iterator = (await call('slow', STREAM))[Symbol.asyncIterator]();
    const first = await iterator.next();
    return { first, returned: await iterator.return?.(), after: await iterator.next() };
  },

  async controller({ call }) {
    const stream = await call('stall', STREAM);
    const { controller } = stream;
    const items = [];
    const ended = await outcome(async () => {
      for await (const item of stream) if (items.push(item) === 2) controller.abort();
    });
    return {
      items,
      ended,
      isController: controller instanceof AbortController,
      reason: String(controller.signal.reason),
    };
  },

  async 'aborted before the call'({ call }) {
    return outcome(() => call('plain', {}, { signal: AbortSignal.abort() }));
  },

  async 'aborted while waiting'({ call }) {
    const controller = new AbortController();
    const result = outcome(() => call('hang', {}, { signal: controller.signal }));
    await sleep(SOON_MS);
    controller.abort();
    return result;
  },

  async 'aborted in the stream'({ call }) {
    const controller = new AbortController();
    const stream = await call('stall', STREAM, { signal: controller.signal });
    const items = [];
    const ended = await outcome(async () => {
      for await (const item of stream) if (items.push(item) === 2) controller.abort();
    });
    return { items, ended };
  },

  async 'aborted with a reason, from outside the loop'({ call }) {
    const controller = new AbortController();
    const stream = await call('stall', STREAM, { signal: controller.signal });
    const abort = onceQuiet(() => controller.abort(new Error('enough')));
    return collect(stream, Infinity, abort);
  },

  async 'aborted helper'({ helper }) {
    const read = helper('stall');
    return readHelper(
      read,
      onceQuiet(() => read.stream.abort()),
    );
  },

  async 'helper in a loop'({ helper }) {
    return kinds(await collect(helper('plain').stream));
  },

  async 'helper, break'({ helper }) {
    const { stream } = helper('slow');
    const read = kinds(await collect(stream, 2));
    return { read, aborted: stream.controller.signal.aborted };
  },

  async 'helper never read'({ helper }) {
    helper('plain').stream.on('error', () => {});
    await sleep(SOON_MS);
    await settle();
  },

  async tee({ call }) {
    const [left, right] = (await call('tools', STREAM)).tee();
    return { left: await collect(left), right: await collect(right), class: left.constructor.name };
  },

  async 'tee, read in turn'({ call }) {
    const sides = (await call('tools', STREAM)).tee().map((side) => side[Symbol.asyncIterator]());
    const items = [];
    for (let done = false; !done;) {
      const both = await Promise.all(sides.map((side) => side.next()));
      items.push(both);
      done = both.every((item) => item.done);
    }
    return items;
  },

  async 'tee, one side abandoned'({ call }) {
    const [left, right] = (await call('slow', STREAM)).tee();
    return { left: await collect(left, 2), right: await collect(right) };
  },

  async toReadableStream({ call }) {
    const readable = (await call('tools', STREAM)).toReadableStream();
    return { isStream: readable instanceof ReadableStream, text: await new Response(readable).text() };
  },

  async 'toReadableStream, cancelled'({ call }) {
    const stream = await call('slow', STREAM);
    const reader = stream.toReadableStream().getReader();
    const first = await reader.read();
    await reader.cancel('enough');
    return { first: new TextDecoder().decode(first.value), aborted: stream.controller.signal.aborted };
  },

  async 'toReadableStream of a helper'({ helper }) {
    return new Response(helper('tools').stream.toReadableStream()).text();
  },

  async 'connection refused'({ call, refused }) {
    return {
      json: await outcome(() => call('plain', {}, { maxRetries: 0 }, refused)),
      stream: await outcome(() => call('plain', STREAM, { maxRetries: 0 }, refused)),
    };
  },

  async timeout({ call }) {
    return {
      json: await outcome(() => call('hang', {}, { timeout: SOON_MS, maxRetries: 0 })),
      stream: await outcome(() => call('hang', STREAM, { timeout: SOON_MS, maxRetries: 0 })),
    };
  },

  async 'context inside the loop'({ call, storage, activeSpan }) {
    return storage.run('mine', async () => {
      const seen = [];
      const look = (where) => seen.push([where, storage.getStore(), activeSpan()]);
      const promise = call('slow', STREAM);
      look('after the call');
      const stream = await promise;
      look('after await');
      for await (const _ of stream) {
        look('in the loop');
        await storage.run('inner', async () => {
          await sleep(0);
          look('inside');
        });
      }
      look('after the loop');
      await call('plain').then(() => look('in then'));
      await outcome(() => call('error-400'));
      look('after an error');
      return seen;
    });
  },

  async 'many at once'({ call }) {
    const results = await Promise.all(
      ['plain', 'tools', 'cached', 'reasoning'].map((words) => outcome(() => call(words))),
    );
    return results.map(({ value, error }) => value?.usage ?? error);
  },

  async 'own fetch'({ call, ownFetch }) {
    const seen = [];
    const client = ownFetch((url, init, response) => {
      const { method, body, signal } = init;
      seen.push({
        url: String(url),
        method,
        body,
        signal: signal?.constructor.name,
        response: describeResponse(response),
      });
    });
    return { result: await outcome(() => call('plain', {}, {}, client)), seen };
  },
};
