import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/instrumentation/exchange.ts';
import { readExchange } from '../../src/instrumentation/read-exchange.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { PROTOCOLS } from '../../src/protocol/protocols.ts';
import { loadWireFixtures, type WireFixture } from '../support/wire-fixtures.ts';
import { exchangeOf } from './exchanges.ts';

/** What every protocol must survive between the hook and the call, whatever a server or a proxy in between does. */
const fixtures = loadWireFixtures();
const MEGABYTE = 1024 * 1024;

interface Answer {
  status?: number;
  contentType?: string;
  contentEncoding?: string;
}

function read({ protocol, facts, request }: WireFixture, bytes: Uint8Array, answer: Answer): LlmCall {
  const exchange: Exchange = exchangeOf(protocol, facts);
  exchange.requestBody = JSON.stringify(request ?? {});
  const header = (name: string): string | undefined =>
    name === 'content-type' ? answer.contentType : facts.responseHeader(name);
  exchange.begin(answer.status ?? 200, header, answer.contentEncoding);
  // As a network cuts it.
  for (let at = 0; at < bytes.length; at += 1400) exchange.chunk(bytes.subarray(at, at + 1400), exchange);
  exchange.end({ kind: 'finished' });
  return readExchange(exchange, 10_000);
}

/** The answer of a fixture in the framing it has. */
function answerOf({ response, stream, framing }: WireFixture): { bytes: Buffer; contentType: string } | undefined {
  if (response) return { bytes: Buffer.from(JSON.stringify(response)), contentType: 'application/json' };
  return stream && { bytes: stream, contentType: framing.contentTypes[0] ?? '' };
}

const answered = fixtures.flatMap((fixture) => {
  const answer = answerOf(fixture);
  return answer ? [{ ...answer, fixture, title: fixture.title }] : [];
});

const ENCODINGS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  'deflate, without its header': (bytes) => deflateRawSync(bytes),
};

describe.each(answered)('$title', ({ fixture, bytes, contentType }) => {
  const plain = read(fixture, bytes, { contentType });

  test('is read in any content encoding', () => {
    for (const [name, encode] of Object.entries(ENCODINGS)) {
      const contentEncoding = name.split(',')[0] ?? '';
      const call = read(fixture, encode(bytes), { contentType, contentEncoding });
      expect([name, call.usage, call.output]).toEqual([name, plain.usage, plain.output]);
    }
  });

  test('is read without a content type', () => {
    expect(read(fixture, bytes, {}).usage).toEqual(plain.usage);
  });

  test('cut anywhere, it says what is missing or reads the same', () => {
    for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 40)) {
      const call = read(fixture, bytes.subarray(0, length), { contentType });
      if (call.problems.length === 0) expect(call.usage).toEqual(plain.usage);
    }
  });

  test('with bytes that are no UTF-8 it does not throw', () => {
    const broken = Buffer.from(bytes);
    for (let at = 20; at < broken.length; at += 97) broken[at] = 0xff;
    expect(read(fixture, broken, { contentType }).operation).toBe(plain.operation);
  });
});

describe.each(PROTOCOLS)('$id', (protocol) => {
  const fixture = fixtures.find((candidate) => candidate.protocol === protocol) as WireFixture;

  test.each([
    ['nothing', '', 'application/json'],
    ['a page', '<html><body>Bad gateway</body></html>', 'text/html'],
    ['a word', '"ok"', 'application/json'],
    ['an array of words', '["ok"]', 'application/json'],
    ['an empty stream', '', 'text/event-stream'],
    ['a page as a stream', '<html>', 'text/event-stream'],
  ])('answered with %s: a call without usage that says why', (_, body, contentType) => {
    const call = read(fixture, Buffer.from(body), { contentType });
    expect(call.usage).toBeUndefined();
    // Text is a proper answer of those that transcribe.
    expect(call.problems.length > 0 || call.output !== undefined).toBe(true);
  });

  test.each([
    [429, '{"error":{"message":"Slow down.","type":"rate_limit"}}', 'application/json'],
    [502, '<html>Bad gateway</html>', 'text/html'],
    [500, '', ''],
  ])('status %i is an error', (status, body, contentType) => {
    expect(read(fixture, Buffer.from(body), { status, contentType }).error?.status).toBe(status);
  });

  test('a body of 10 MB keeps memory bounded and does not throw', () => {
    const body = Buffer.from(JSON.stringify({ ...fixture.response, padding: 'x'.repeat(10 * MEGABYTE) }));
    const call = read(fixture, body, { contentType: 'application/json' });
    expect(call.problems.map(({ code }) => code)).toContain('body-truncated');
  });
});
