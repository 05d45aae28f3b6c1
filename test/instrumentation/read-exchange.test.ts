import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/instrumentation/exchange.ts';
import { readExchange } from '../../src/instrumentation/read-exchange.ts';
import { readBacklog } from '../../src/instrumentation/stream-reading.ts';
import { chatEvent, chatExchange, NO_EVENTS, textChunk } from './exchanges.ts';

const MEGABYTE = 1024 * 1024;
const USAGE = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };
const COMPLETION = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
  usage: USAGE,
};

const read = (exchange: Exchange) => readExchange(exchange, 10_000);
const codes = (exchange: Exchange): string[] => read(exchange).problems.map(({ code }) => code);

const contentTypeOf = (value: string) => (name: string) => (name === 'content-type' ? value : undefined);

function answered(
  exchange: Exchange,
  chunks: Uint8Array[],
  contentType = 'application/json',
  encoding?: string,
): Exchange {
  exchange.requestBody = JSON.stringify({ model: 'gpt-4o', messages: [] });
  exchange.begin(200, contentTypeOf(contentType), encoding);
  for (const chunk of chunks) exchange.chunk(chunk, exchange);
  exchange.end({ kind: 'finished' });
  return exchange;
}

const stream = (...chunks: Uint8Array[]): Exchange =>
  answered(chatExchange(), chunks, 'text/event-stream; charset=utf-8');

describe('readExchange', () => {
  test('reads a body from its chunks', () => {
    const bytes = Buffer.from(JSON.stringify(COMPLETION));
    const call = read(answered(chatExchange(), [bytes.subarray(0, 10), bytes.subarray(10)]));
    expect(call).toMatchObject({ requestModel: 'gpt-4o', responseModel: 'gpt-4o-2024-08-06', problems: [] });
    expect(call.usage).toMatchObject({ input: 12, output: 3, total: 15 });
    expect(call.server).toEqual({ address: 'api.openai.com', port: 443 });
  });

  test.each(['gzip', 'identity', 'x-gzip, identity'])('undoes content-encoding %s', (encoding) => {
    const plain = Buffer.from(JSON.stringify(COMPLETION));
    const bytes = encoding.includes('gzip') ? gzipSync(plain) : plain;
    expect(read(answered(chatExchange(), [bytes], 'application/json', encoding)).usage?.input).toBe(12);
  });

  test('an encoding it does not know is a problem, not a guess', () => {
    const exchange = answered(chatExchange(), [Buffer.from('????')], 'application/json', 'future');
    expect(codes(exchange)).toContain('undecodable');
  });

  test('a body too long to keep still tells its usage', () => {
    const head = '{"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"content":"';
    const filler = Buffer.alloc(MEGABYTE, 'y');
    const end = Buffer.from(`"},"finish_reason":"stop"}],"usage":${JSON.stringify(USAGE)}}`);
    const exchange = answered(chatExchange(), [Buffer.from(head), ...Array.from({ length: 20 }, () => filler), end]);
    expect(exchange.body.byteLength).toBeLessThan(11 * MEGABYTE);
    const call = read(exchange);
    expect(call.usage).toMatchObject({ input: 12, output: 3 });
    expect(call.responseModel).toBe('gpt-4o-2024-08-06');
    expect(call.problems.map(({ code }) => code)).toEqual(['body-truncated']);
  });

  test('a long stream is read on the way, so that its bytes do not pile up', () => {
    let largest = 0;
    const exchange: Exchange = chatExchange({
      ...NO_EVENTS,
      onBacklog(behind) {
        largest = Math.max(largest, behind.body.byteLength);
        readBacklog(behind, 10_000);
      },
    });
    const chunks = Array.from({ length: 4000 }, (_, index) => textChunk(`${index} ${'z'.repeat(1000)}`));
    answered(exchange, [...chunks, chatEvent({ usage: USAGE })], 'text/event-stream');
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(MEGABYTE);
    const call = read(exchange);
    expect(call.usage).toMatchObject({ input: 12, output: 3 });
    expect(JSON.stringify(call.output).length).toBeLessThan(20_000);
  });

  test('a stream says how long its first chunk took', () => {
    expect(read(stream(textChunk('Hello'), chatEvent({ usage: USAGE }))).timeToFirstChunk).toBeGreaterThanOrEqual(0);
    expect(read(answered(chatExchange(), [Buffer.from('{}')])).timeToFirstChunk).toBeUndefined();
  });

  test('a stream that ends early keeps what came and says so', () => {
    const call = read(stream(textChunk('Hel'), textChunk('lo')));
    expect(call.output?.[0]?.parts).toEqual([{ type: 'text', content: 'Hello' }]);
    expect(call.usage).toBeUndefined();
    expect(call.problems.map(({ code }) => code)).toEqual(['stream-incomplete']);
  });

  test('events without the content type of events are events all the same', () => {
    const exchange = answered(chatExchange(), [textChunk('Hello'), chatEvent({ usage: USAGE })], '');
    expect(read(exchange).usage?.input).toBe(12);
  });

  test.each([
    ['the status', 429, { error: { type: 'rate_limit_exceeded', message: 'Slow down.' } }, 'rate_limit_exceeded'],
    ['no body', 503, undefined, '503'],
  ])('an error response with %s', (_, status, body, type) => {
    const exchange = chatExchange();
    exchange.begin(status, contentTypeOf('application/json'));
    if (body) exchange.chunk(Buffer.from(JSON.stringify(body)), exchange);
    exchange.end({ kind: 'finished' });
    expect(read(exchange).error).toMatchObject({ type, status });
  });

  test('no connection: the code of the cause and its message', () => {
    const exchange = chatExchange();
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    exchange.end({ kind: 'failed', error: new TypeError('fetch failed', { cause }) });
    expect(read(exchange).error).toEqual({ type: 'ECONNREFUSED', message: cause.message });
  });

  test('an abort is an error before the answer begins, and not after', () => {
    const early = chatExchange();
    early.end({ kind: 'failed', error: new DOMException('This operation was aborted', 'AbortError') });
    expect(read(early).error?.type).toBe('AbortError');
    const late = chatExchange();
    late.begin(200, contentTypeOf('text/event-stream'));
    late.chunk(textChunk('Hello'), late);
    late.end({ kind: 'cancelled' });
    expect(read(late).error).toBeUndefined();
    expect(codes(late)).toContain('stream-incomplete');
  });

  test('a request of many megabytes is not parsed, its model is still read', () => {
    const exchange = answered(chatExchange(), [Buffer.from(JSON.stringify(COMPLETION))]);
    exchange.requestBody = JSON.stringify({ model: 'gpt-4o', image: 'x'.repeat(9 * MEGABYTE) });
    const call = read(exchange);
    expect(call).toMatchObject({ requestModel: 'gpt-4o', usage: { input: 12 } });
    expect(call.problems.map(({ code }) => code)).toEqual(['request-too-large']);
  });
});

describe('Exchange', () => {
  test('the first to deliver owns the observation', () => {
    const exchange = chatExchange();
    const [clone, original] = [{}, {}];
    exchange.begin(200, contentTypeOf('application/json'));
    exchange.text(JSON.stringify(COMPLETION), clone);
    exchange.parsed({ other: true }, original);
    exchange.end({ kind: 'cancelled' }, original);
    expect(exchange.outcome).toBeUndefined();
    exchange.end({ kind: 'finished' }, clone);
    expect(exchange.outcome).toEqual({ kind: 'finished' });
    expect(read(exchange).usage?.input).toBe(12);
  });

  test('ends once', () => {
    const ended: unknown[] = [];
    const exchange = chatExchange({ ...NO_EVENTS, onEnd: ({ outcome }) => ended.push(outcome) });
    exchange.end({ kind: 'finished' });
    exchange.end({ kind: 'exit' });
    expect(ended).toEqual([{ kind: 'finished' }]);
  });
});
