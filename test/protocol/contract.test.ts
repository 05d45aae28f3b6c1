import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { CUT_MARKER } from '../../src/protocol/content-budget.ts';
import type { ResponseReading } from '../../src/protocol/protocol.ts';
import { PROTOCOLS } from '../../src/protocol/protocols.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { asObject, parseJson } from '../../src/util/json-read.ts';
import { assemble, NO_FACTS } from '../support/read-wire.ts';
import { loadWireFixtures, type WireFixture } from '../support/wire-fixtures.ts';

/** What every wire protocol must do, whatever its shape. */
const fixtures = loadWireFixtures();
type Streamed = WireFixture & { stream: Buffer };
const streams = fixtures.filter((fixture): fixture is Streamed => fixture.stream !== undefined);

function readStream({ protocol, framing, facts }: WireFixture, chunks: readonly Uint8Array[]): ResponseReading {
  return protocol.readResponse(assemble(protocol, chunks, undefined, framing).body() ?? {}, facts);
}

/** The reading without what only says where it came from. */
function shown({ rawUsage: _rawUsage, ...reading }: ResponseReading): Omit<ResponseReading, 'rawUsage'> {
  return reading;
}

function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

test('every protocol has fixtures', () => {
  expect(new Set(fixtures.map((fixture) => fixture.protocol.id))).toEqual(new Set(PROTOCOLS.map(({ id }) => id)));
});

describe('a request reads as expected', () => {
  test.each(fixtures.filter((fixture) => fixture.request))('$title', ({ protocol, request, facts, expected }) => {
    expect(protocol.readRequest(request ?? {}, facts)).toEqual(expected.request);
  });
});

describe('a plain response reads as expected', () => {
  test.each(fixtures.filter((fixture) => fixture.response))('$title', ({ protocol, response, facts, expected }) => {
    const reading = protocol.readResponse(response ?? {}, facts);
    expect(shown(reading)).toEqual(expected.response);
    expect(reading.usage && toDisjointUsage(reading.usage)).toEqual(expected.disjoint);
    expect(reading.rawUsage?.body).toEqual(expected.rawUsage ?? response?.usage ?? response?.usageMetadata);
  });
});

describe('a streamed response reads as expected, which is as the plain one where there is one', () => {
  test.each(streams)('$title', (fixture) => {
    const { expected } = fixture;
    const reading = readStream(fixture, [fixture.stream]);
    expect(shown(reading)).toEqual(expected.response);
    expect(reading.usage && toDisjointUsage(reading.usage)).toEqual(expected.disjoint);
  });
});

describe('an error body reads as expected', () => {
  test.each(fixtures.filter((fixture) => fixture.errorBody))('$title', ({ protocol, errorBody, facts, expected }) => {
    const { status } = expected.error as { status: number } & JsonObject;
    expect(protocol.readError(errorBody, status, facts)).toEqual(expected.error);
  });

  test.each(PROTOCOLS)('$id, without a body', (protocol) => {
    expect(protocol.readError(undefined, 503, NO_FACTS)).toEqual({ type: '503', status: 503 });
  });
});

describe.each(streams)('$title, streamed', (fixture) => {
  const { protocol, framing, stream } = fixture;
  const whole = readStream(fixture, [stream]);

  test('any split into chunks gives the same reading', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 40 }), (cuts) => {
        expect(readStream(fixture, splitAt(stream, cuts))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
    expect(readStream(fixture, splitAt(stream, [...stream.keys()]))).toEqual(whole);
  });

  test('a stream cut at any byte reads as far as it got', () => {
    for (let length = 0; length < stream.length; length++) {
      const cut = readStream(fixture, [stream.subarray(0, length)]);
      if (cut.responseId) expect(cut.responseId).toBe(whole.responseId);
      for (const [index, part] of (cut.output?.[0]?.parts ?? []).entries()) {
        expect(part.type).toBe(whole.output?.[0]?.parts[index]?.type);
        if (part.type === 'text')
          expect(whole.output?.[0]?.parts[index]).toMatchObject({ content: expect.stringContaining(part.content) });
      }
    }
  });

  test('a stream is complete at its end, not before', () => {
    const parser = framing.parser();
    let length = 0;
    while (parser.push(stream.subarray(length, length + 1)).length === 0) length++;
    expect(assemble(protocol, [stream.subarray(0, length + 1)], undefined, framing).complete).toBe(false);
    expect(assemble(protocol, [stream], undefined, framing).complete).toBe(true);
  });
});

/** A text of each protocol's fixture `tools` or `plain`, which the bound test makes long. */
const LONG_TEXTS: Record<string, string> = {
  'openai.chat': 'Je regarde',
  'openai.completions': 'one',
  'openai.responses': 'Noé won',
  'anthropic.messages': 'Il pleut',
  'cohere.chat': 'Je regarde',
  'cohere.generate': 'Le',
  'ollama.chat': 'Je regarde',
  'ollama.generate': 'Le nor',
  'gcp.gemini.generate_content': 'Ora guardo',
  'gcp.gemini.interactions': 'Still dry',
};

const long = streams.filter(({ protocol, name }) => LONG_TEXTS[protocol.id] && (name === 'tools' || name === 'plain'));

describe.each(long)('$title, very long', (fixture) => {
  const { protocol, framing, facts, stream } = fixture;
  const text = LONG_TEXTS[protocol.id] ?? '';
  const bytes = Buffer.from(stream.toString('utf8').replaceAll(text, text.repeat(20_000)));
  const limit = 2000;

  test('content is kept up to the limit and cut with a marker; the rest is read', () => {
    const short = readStream(fixture, [stream]);
    const reading = protocol.readResponse(assemble(protocol, [bytes], limit, framing).body() ?? {}, facts);
    const [kept, whole] = [JSON.stringify(reading.output), JSON.stringify(short.output)];
    expect(kept).toContain(`${text}${text}`);
    expect(kept).toContain(CUT_MARKER);
    expect(kept.length).toBeLessThan(whole.length + limit + CUT_MARKER.length);
    expect(reading.usage).toEqual(short.usage);
    expect(reading.finishReasons).toEqual(short.finishReasons);
  });
});

describe.each(PROTOCOLS)('$id', (protocol) => {
  const json = fc.jsonValue({ maxDepth: 4 });

  test('nothing a client or server can send makes it throw', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), fc.integer({ min: 200, max: 599 }), (body, status) => {
        protocol.readRequest(body as JsonObject, NO_FACTS);
        protocol.readResponse(body as JsonObject, NO_FACTS);
        protocol.readError(body as JsonObject, status, NO_FACTS);
      }),
    );
  });

  test('nothing of the right names and the wrong types makes it throw', () => {
    const names = fixtures
      .filter((fixture) => fixture.protocol === protocol)
      .flatMap(({ request, response }) => [request, response])
      .filter((body) => body !== undefined);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.infiniteStream(fc.option(json, { freq: 3 })), (body, replacements) => {
        const mutated = mutate(body, replacements[Symbol.iterator]() as Iterator<unknown>) as JsonObject;
        protocol.readRequest(mutated, NO_FACTS);
        protocol.readResponse(mutated, NO_FACTS);
        protocol.readError(mutated, 500, NO_FACTS);
      }),
      { numRuns: 300 },
    );
  });

  test('no sequence of events makes its assembler throw', () => {
    const events = streams
      .filter((fixture) => fixture.protocol === protocol)
      .flatMap(({ framing, stream }) => framing.parser().push(stream))
      .flatMap(({ data }) => asObject(parseJson(data)) ?? []);
    const event =
      events.length > 0
        ? fc.oneof(fc.constantFrom(...events), fc.dictionary(fc.string(), json))
        : fc.dictionary(fc.string(), json);
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 20 }),
        fc.infiniteStream(fc.option(json, { freq: 8 })),
        (sequence, replacements) => {
          const assembler = protocol.streamAssembler(1000);
          const values = replacements[Symbol.iterator]() as Iterator<unknown>;
          for (const data of sequence) assembler.push({ data: mutate(data, values) as JsonObject });
          protocol.readResponse(assembler.body() ?? {}, NO_FACTS);
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** The value with some of its members, chosen by the stream, replaced. */
function mutate(value: unknown, replacements: Iterator<unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const replacement: unknown = replacements.next().value;
    return [key, replacement === null ? mutate(item, replacements) : replacement];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

test('the marker says that content was cut', () => {
  const fixture = streams.find(({ protocol, name }) => protocol.id === 'openai.chat' && name === 'tools');
  expect(fixture).toBeDefined();
  const reading = fixture?.protocol.readResponse(
    assemble(fixture.protocol, [fixture.stream], 5).body() ?? {},
    NO_FACTS,
  );
  expect(reading?.output?.[0]?.parts[0]).toEqual({ type: 'text', content: `Je re${CUT_MARKER}` });
  expect(reading?.finishReasons).toEqual(['tool_calls']);
});
