/**
 * What apps do with a response of fetch.
 * Every scenario asks for the model it is named after, as those of the clients do.
 */
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { collect, describeResponse, outcome, settle } from './observe.mjs';
import { decode, send, STREAM } from './requests.mjs';

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

/** @type {Record<string, (app: { url: string, refused: string, model: string }) => Promise<unknown>>} */
export const RESPONSE_SCENARIOS = { ...readWhole, ...responses };
