import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/json.ts';
import { asObject } from '../../../src/util/json-read.ts';
import type { Turn } from '../../../src/protocol/session/session-protocol.ts';
import { findSessionProtocol, SESSION_PROTOCOLS } from '../../../src/protocol/session/session-protocols.ts';
import { FACTS, type FixtureMessage, loadSessionFixtures, readSession, shown } from '../../support/session-fixtures.ts';

const fixtures = loadSessionFixtures();

test('every protocol of sessions has fixtures', () => {
  expect(new Set(fixtures.map(({ protocol }) => protocol))).toEqual(new Set(SESSION_PROTOCOLS));
});

test.each([
  ['api.openai.com', '/v1/realtime', 'openai.realtime'],
  ['mine.openai.azure.com', '/openai/realtime', 'openai.realtime'],
  ['mine.openai.azure.com', '/openai/v1/realtime', 'openai.realtime'],
  ['api.x.ai', '/v1/realtime', 'openai.realtime'],
  ['localhost:4000', '/v1/realtime', 'openai.realtime'],
  ['api.openai.com', '/v1/responses', 'openai.responses'],
  [
    'generativelanguage.googleapis.com',
    '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
    'gcp.gemini.live',
  ],
  [
    'us-central1-aiplatform.googleapis.com',
    '/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent',
    'gcp.gemini.live',
  ],
  ['chat.example', '/realtime-updates', undefined],
  ['chat.example', '/app/realtime', undefined],
  ['chat.example', '/surveys/7/responses', undefined],
  ['chat.example', '/socket', undefined],
])('a WebSocket to %s%s speaks %s', (host, path, id) => {
  expect(findSessionProtocol(path, host)?.id).toBe(id);
});

describe.each(fixtures)('$title', ({ protocol, messages, expected }) => {
  test('its turns read as expected', () => {
    expect(readSession(protocol, messages).map(shown)).toEqual(expected);
  });

  test('cut after any message, it has the turns that had ended, and one at most for each that was under way', () => {
    const whole = readSession(protocol, messages);
    for (let length = 0; length <= messages.length; length++) {
      const turns = readSession(protocol, messages.slice(0, length));
      const ended = turns.filter(({ isComplete }) => isComplete);
      expect(idsOf(whole)).toEqual(expect.arrayContaining(idsOf(ended)));
      expect(new Set(turns.map(startOf)).size).toBe(turns.length);
    }
  });

  test('nothing of the right names and the wrong types makes it throw', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.infiniteStream(fc.option(json, { freq: 10 })), fc.array(json), (replacements, foreign) => {
        const values = replacements[Symbol.iterator]() as Iterator<unknown>;
        const mutated = messages.map((message) => ({ ...message, data: mutate(message.data, values) as JsonObject }));
        const others = foreign.map((data): FixtureMessage => ({
          at: 0,
          from: 'server',
          data: { type: 'x', data } as JsonObject,
        }));
        for (const turn of readSession(protocol, [...others, ...mutated])) shown(turn);
      }),
      { numRuns: 100 },
    );
  });

  test('content is kept up to the limit', () => {
    const long = messages.map((message) => ({ ...message, data: lengthened(message.data) }));
    const limit = 2000;
    const [short, kept] = [readSession(protocol, messages), readSession(protocol, long, limit)];
    expect(kept.map(({ response }) => response.usage)).toEqual(short.map(({ response }) => response.usage));
    for (const { asked, request, response } of kept) {
      expect(JSON.stringify(response.output ?? null).length).toBeLessThan(2 * limit);
      // A message that asks with input of its own is bounded as a message.
      const isOwn = asked?.data.input !== undefined || asObject(asked?.data.response)?.input !== undefined;
      if (!isOwn) expect(JSON.stringify(request.input ?? null).length).toBeLessThan(2 * limit);
    }
  });
});

test('sessions without an end do not grow without one', () => {
  const [realtime] = SESSION_PROTOCOLS;
  const reader = realtime?.reader(FACTS, 1000);
  for (let index = 0; index < 1000; index++) {
    const item = { id: `item_${index}`, type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] };
    reader?.sent({ at: index, data: { type: 'response.create' } });
    reader?.received({ at: index, data: { type: 'conversation.item.added', item } });
    if (index % 2 === 0)
      reader?.received({ at: index, data: { type: 'response.created', response: { id: `r${index}` } } });
  }
  const turns = reader?.end(1000) ?? [];
  expect(turns.length).toBeLessThanOrEqual(32);
  expect(turns.length).toBeGreaterThan(16);
});

test('which prompt a session is from is a parameter, what is filled into it is not', () => {
  const prompt = { id: 'pmpt_1', version: '2', variables: { topic: 'my secret' } };
  const [realtime] = SESSION_PROTOCOLS;
  const reader = realtime?.reader(FACTS, 1000);
  reader?.received({ at: 0, data: { type: 'session.created', session: { model: 'gpt-realtime', prompt } } });
  reader?.received({ at: 1, data: { type: 'response.created', response: { id: 'r1' } } });
  const [turn] = reader?.end(2) ?? [];
  expect(turn?.request.parameters.other).toEqual({ prompt: { id: 'pmpt_1', version: '2' } });
});

function idsOf(turns: readonly Turn[]): string[] {
  return turns.map(({ operation, response, startedAt }) => [operation, response.responseId, startedAt].join(' '));
}

function startOf({ operation, response, startedAt, endedAt }: Turn): string {
  return [operation, response.responseId, startedAt, endedAt].join(' ');
}

/** The value with some of its members, chosen by the stream, replaced. */
function mutate(value: unknown, replacements: Iterator<unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const replacement: unknown = replacements.next().value;
    return [key, replacement === null ? mutate(item, replacements) : replacement];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

const CONTENT = new Set(['text', 'delta', 'transcript']);

function lengthened(value: JsonObject): JsonObject {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) =>
      CONTENT.has(key) && typeof item === 'string' && item.includes(' ') ? item.repeat(2000) : item,
    ),
  ) as JsonObject;
}
