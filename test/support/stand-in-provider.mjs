/**
 * A local server that answers as OpenAI (chat completions, Responses, embeddings, legacy completions) and Anthropic
 * (messages) do, as JSON or as a stream, and fails on demand. Deterministic: the n-th request for a model gets the
 * same bytes in every run.
 *
 * A request chooses what happens with the header `x-stand-in`, words separated by spaces (or whoever starts the server
 * does, for requests without it):
 *
 * - one of the answers in `stand-in/answers.mjs` (`plain` by default), or of those given to `startStandInProvider`;
 * - `slow` (5 ms between the events of a stream), `split` (writes of 7 bytes), `gzip` (if the client accepts it);
 * - `error-<status>`, `retry-<status>` (the first attempt fails, the next one is answered);
 * - `cut` (the connection breaks in the middle), `stall` (half an answer, then silence), `hang` (no answer at all),
 *   `stream-error` (the provider reports an error in the middle of a stream).
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ANSWERS } from './stand-in/answers.mjs';
import { anthropicMessages } from './stand-in/anthropic-messages.mjs';
import { openaiChat } from './stand-in/openai-chat.mjs';
import { openaiError } from './stand-in/openai-common.mjs';
import { openaiCompletions } from './stand-in/openai-completions.mjs';
import { openaiEmbeddings } from './stand-in/openai-embeddings.mjs';
import { openaiResponses } from './stand-in/openai-responses.mjs';

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Answer, Usage } from './stand-in/answers.mjs' */

const APIS = [openaiChat, openaiResponses, openaiEmbeddings, openaiCompletions, anthropicMessages];
const SLOW_MS = 5;
/** What was written before the connection breaks must have been read by then. */
const CUT_AFTER_MS = 40;
const SPLIT_BYTES = 7;
/** Clients wait at least half a second between attempts unless told otherwise. */
const RETRY_AFTER_MS = 5;

/**
 * What was asked and how it was answered.
 * @typedef {object} Exchange
 * @property {string} path
 * @property {string[]} words of the header `x-stand-in`
 * @property {any} body of the request
 * @property {IncomingMessage['headers']} headers of the request
 * @property {number} [status] absent if there was no answer
 * @property {string} [responseId]
 * @property {Usage} [usage] the bill: what this exchange cost
 */

/**
 * @param {{ answers?: Record<string, Answer>, choose?: (body: any) => string, port?: number }} [options]
 * @returns {Promise<{ url: string, requests: Exchange[], close(): Promise<void> }>} `requests` grows with each call
 */
export async function startStandInProvider({ answers = {}, choose = () => '', port = 0 } = {}) {
  /** @type {Exchange[]} */
  const requests = [];
  const known = { ...ANSWERS, ...answers };
  const server = createServer(async (request, response) => {
    try {
      await exchange(request, response, { answers: known, choose }, requests);
    } catch (error) {
      // The client went away in the middle of a request or an answer.
      response.destroy(error);
    }
  });
  await new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const { port: listening } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${listening}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @param {IncomingMessage} request @param {ServerResponse} response @param {{ answers: Record<string, Answer>, choose: (body: any) => string }} script @param {Exchange[]} requests */
async function exchange(request, response, { answers, choose }, requests) {
  const bytes = Buffer.concat(await request.toArray());
  const path = new URL(request.url, 'http://provider').pathname;
  const body = parse(bytes);
  const words = String(request.headers['x-stand-in'] ?? choose(body))
    .split(/[ ,]+/)
    .filter(Boolean);
  const has = (word) => words.includes(word);
  const key = unique(body, requests);
  /** @type {Exchange} */
  const record = { path, words, body, headers: request.headers };
  requests.push(record);
  if (has('hang')) return;

  const send = (status, text, headers = {}) => {
    record.status = status;
    const content = has('gzip') && /gzip/.test(request.headers['accept-encoding'] ?? '') ? gzipSync(text) : text;
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(content),
      ...(content !== text && { 'content-encoding': 'gzip' }),
      'x-request-id': `req_${key}`,
      'request-id': `req_${key}`,
      ...headers,
    });
    return content;
  };

  const api = APIS.find((candidate) => candidate.path === path);
  const status = failure(words, request.headers) ?? (api && request.method === 'POST' ? 200 : 404);
  if (!api || status !== 200) {
    const error = (api?.error ?? openaiError)(status, `req_${key}`);
    const retryable = status === 429 || status >= 500;
    const headers = retryable ? { 'retry-after-ms': String(RETRY_AFTER_MS) } : { 'x-should-retry': 'false' };
    response.end(send(status, JSON.stringify(error.body), headers));
    return;
  }

  const answer = answers[words.find((word) => word in answers) ?? 'plain'];
  const id = `${api.idPrefix}${key}`;
  if (api.idPrefix) record.responseId = id;
  record.usage = answer.usage;

  if (body.stream && api.events) {
    record.status = 200;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-request-id': `req_${key}`,
      'request-id': `req_${key}`,
    });
    const events = has('stream-error')
      ? [...firstHalf(api.events(body, answer, id)), api.streamError()]
      : api.events(body, answer, id);
    await sendParts(response, events.map(frame), words);
    return;
  }
  const content = Buffer.from(send(200, JSON.stringify(api.body(body, answer, id))));
  const middle = Math.floor(content.length / 2);
  await sendParts(response, [content.subarray(0, middle), content.subarray(middle)], words);
}

/** Sends the parts, or half of them, at the pace and with the end the words ask for. @param {ServerResponse} response @param {(string | Buffer)[]} parts @param {string[]} words */
async function sendParts(response, parts, words) {
  const has = (word) => words.includes(word);
  const interrupted = has('cut') || has('stall');
  for (const part of interrupted ? firstHalf(parts) : parts) {
    for (const piece of has('split') ? pieces(Buffer.from(part)) : [part]) response.write(piece);
    if (has('slow')) await sleep(SLOW_MS);
  }
  if (has('stall')) return;
  if (!interrupted) {
    response.end();
    return;
  }
  // What was written goes out before the connection breaks: the client sees the half answer, then the error.
  await new Promise((resolve) => {
    response.write('', resolve);
  });
  await sleep(CUT_AFTER_MS);
  response.destroy();
}

/** What makes the ids of an answer: the model and how often it was asked for. @param {any} body @param {Exchange[]} requests */
function unique(body, requests) {
  const count = requests.filter((earlier) => earlier.body?.model === body?.model).length;
  return createHash('sha1').update(`${body?.model} ${count}`).digest('hex').slice(0, 28);
}

/** The status the request asks to fail with. Clients number their attempts in a header. @param {string[]} words @param {IncomingMessage['headers']} headers */
function failure(words, headers) {
  const attempt = Number(headers['x-stainless-retry-count'] ?? 0);
  for (const word of words) {
    const [, kind, status] = /^(error|retry)-(\d{3})$/.exec(word) ?? [];
    if (kind === 'error' || (kind === 'retry' && attempt === 0)) return Number(status);
  }
}

/** @param {{ event?: string, data: unknown }} event */
function frame({ event, data }) {
  return `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** @template T @param {T[]} parts */
function firstHalf(parts) {
  return parts.slice(0, Math.ceil(parts.length / 2));
}

/** @param {Buffer} bytes */
function pieces(bytes) {
  const count = Math.ceil(bytes.length / SPLIT_BYTES);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * SPLIT_BYTES, (index + 1) * SPLIT_BYTES));
}

/** @param {Buffer} bytes */
function parse(bytes) {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return bytes.toString();
  }
}
