import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodingOf } from '../../src/tokens/encoding.ts';
import {
  type ChatMessage,
  countTokens,
  describeTokens,
  type TokenCount as Counted,
  type ToolSpecification,
} from '../../src/tokens/index.ts';

const gpt4o = { model: 'gpt-4o' };

const weather: ToolSpecification = {
  type: 'function',
  function: {
    name: 'get_current_weather',
    description: 'Get the current weather in a given location',
    parameters: {
      type: 'object',
      properties: {
        location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
        unit: { type: 'string', description: 'The unit of temperature to return', enum: ['celsius', 'fahrenheit'] },
      },
      required: ['location'],
    },
  },
};

const question: ChatMessage[] = [
  { role: 'system', content: 'You are a helpful assistant that can answer to questions about the weather.' },
  { role: 'user', content: "What's the weather like in San Francisco?" },
];

describe('encodingOf', () => {
  test.each([
    ['gpt-4o', 'o200k_base'],
    ['gpt-4o-mini-2024-07-18', 'o200k_base'],
    ['gpt-4.1', 'o200k_base'],
    ['gpt-4.5-preview', 'o200k_base'],
    ['chatgpt-4o-latest', 'o200k_base'],
    ['gpt-5-mini', 'o200k_base'],
    ['gpt-5.6-sol', 'o200k_base'],
    ['gpt-6-astra', 'o200k_base'],
    ['o1', 'o200k_base'],
    ['o4-mini', 'o200k_base'],
    ['openai/gpt-4o', 'o200k_base'],
    ['ft:gpt-4o-2024-08-06:acme::x', 'o200k_base'],
    ['claude-sonnet-4-5', 'o200k_base'],
    ['gpt-4', 'cl100k_base'],
    ['gpt-4-turbo', 'cl100k_base'],
    ['gpt-4-32k-0613', 'cl100k_base'],
    ['gpt-3.5-turbo', 'cl100k_base'],
    ['gpt-35-turbo', 'cl100k_base'],
    ['ft:gpt-3.5-turbo-0125:acme::x', 'cl100k_base'],
    ['text-embedding-3-small', 'cl100k_base'],
    ['text-embedding-ada-002', 'cl100k_base'],
    ['text-davinci-003', 'p50k_base'],
    ['davinci', 'r50k_base'],
  ])('%s', (model, expected) => {
    expect(encodingOf(model)).toBe(expected);
  });
});

describe('countTokens of text', () => {
  // https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb
  test.each([
    ['antidisestablishmentarianism', 'gpt-4', 6],
    ['antidisestablishmentarianism', 'gpt-4o', 6],
    ['2 + 2 = 4', 'gpt-4', 7],
    ['お誕生日おめでとう', 'gpt-4', 9],
    ['お誕生日おめでとう', 'gpt-4o', 8],
    ['', 'gpt-4o', 0],
    ['<|endoftext|>', 'gpt-4', 7],
  ])('%s with %s', (text, model, expected) => {
    expect(countTokens(text, { model })).toBe(expected);
  });

  test('adds up over long runs as over short ones', () => {
    // Eight letters `a` are one token.
    expect(countTokens('a'.repeat(100_000), gpt4o)).toBe(12_500);
    expect(countTokens('a'.repeat(1000), gpt4o)).toBe(125);
  });
});

/** A call of `get_weather` with these arguments. */
const call = (id: string, text: string): Called => ({ id, function: { name: 'get_weather', arguments: text } });
type Called = NonNullable<ChatMessage['tool_calls']>[number] & { id: string };

/** Calls made at once, and their answers. */
const chat = (...calls: Called[]): ChatMessage[] => [
  { role: 'assistant', tool_calls: calls },
  ...calls.map(({ id }) => ({ role: 'tool', content: 'Rain', tool_call_id: id })),
];

describe('countTokens of messages', () => {
  test.each<[string, ChatMessage[], number]>([
    ['none: the reply begins', [], 3],
    ['one', [{ role: 'user', content: 'hello' }], 8],
    ['with a name', [{ role: 'user', content: 'hello', name: 'ada' }], 10],
    ['in parts', [{ role: 'user', content: [{ type: 'text', text: 'hello' }, { type: 'input_audio' }] }], 8],
    ['without content', [{ role: 'assistant', content: null }], 7],
    ['with a tool call', [{ role: 'assistant', tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }], 9],
  ])('%s', (_, messages, expected) => {
    expect(countTokens(messages, gpt4o)).toBe(expected);
  });

  test('a name that is the role is told once', () => {
    const [other, same] = ['ada', 'user'].map((name) =>
      countTokens([{ role: 'user', content: 'hello', name }], gpt4o),
    ) as [number, number];
    expect(other - same).toBe(1);
  });

  test('an answer goes by the name of its tool; calls in parallel are framed; spaces of arguments are not sent', () => {
    const one = countTokens(chat(call('a', '{"city":"Paris"}')), gpt4o);
    expect(one).toBe(3 + (3 + 1 + 2 + 5) + (3 + 1 + 5 + 2 + 1));
    expect(countTokens(chat(call('a', '{ "city": "Paris" }')), gpt4o)).toBe(one);
    expect(countTokens(chat(call('a', '{"city":"Paris"}'), call('b', '{"city":"Paris"}')), gpt4o)).toBe(
      one + (2 + 5) + (3 + 1 + 5 + 2 + 1) + 16,
    );
  });

  test('the schema of the answer counts, its titles do not', () => {
    const count = (schema: object): number =>
      countTokens(question, { ...gpt4o, responseFormat: { type: 'json_schema', json_schema: { name: 'x', schema } } });
    expect(count({ type: 'object', title: 'Answer' })).toBe(count({ type: 'object' }));
    expect(count({ type: 'object' }) - countTokens(question, gpt4o)).toBe(17 + 5);
    expect(countTokens(question, { ...gpt4o, responseFormat: { type: 'text' } })).toBe(countTokens(question, gpt4o));
  });

  test('other vendors: their factor and what they add', () => {
    const text: ChatMessage[] = [{ role: 'user', content: 'hello '.repeat(100) }];
    const tools = [{ name: 'now' }];
    expect(countTokens(text, { model: 'gemini-2.5-flash' })).toBe(Math.round(101 * 1.07));
    expect(countTokens(text, { model: 'anthropic/claude-sonnet-4.5' })).toBe(Math.round(101 * 1.15 + 5));
    expect(countTokens(text, { model: 'claude-opus-4-7' })).toBe(Math.round(101 * 1.47 + 10));
    expect(countTokens(text, { model: 'us.amazon.nova-micro-v1:0', tools })).toBeGreaterThan(350);
  });

  test('counts tools in both forms', () => {
    expect(countTokens(question, { ...gpt4o, tools: [weather] })).toBe(101);
    expect(countTokens(question, { ...gpt4o, tools: [{ type: 'function', ...weather.function }] })).toBe(101);
    expect(countTokens(question, { model: 'gpt-4', tools: [weather] })).toBe(105);
  });

  test('a system message has the tools in it', () => {
    const tools = [weather];
    const [, user] = question as [ChatMessage, ChatMessage];
    const alone = countTokens([user], { ...gpt4o, tools }) - countTokens([user], gpt4o);
    expect(countTokens(question, { ...gpt4o, tools }) - countTokens(question, gpt4o)).toBe(alone - 4);
  });

  test('nested schemas, alternatives, lists and values that are no text', () => {
    const parameters = {
      type: 'object',
      required: ['place'],
      properties: {
        place: {
          type: 'object',
          description: 'Where',
          properties: { city: { type: 'string' }, at: { type: 'array', items: { type: 'number' } } },
        },
        days: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
        detail: { type: ['string', 'null'] },
        level: { enum: [1, 2] },
      },
    };
    const declaration = `namespace functions {

type weather = (_: {
// Where
place: {
  city?: string,
  at?: number[],
},
days?: number | null,
detail?: string | null,
level?: 1 | 2,
}) => any;

} // namespace functions`;
    expect(countTokens([], { ...gpt4o, tools: [{ name: 'weather', parameters }] })).toBe(
      3 + 9 + countTokens(declaration, gpt4o),
    );
  });

  test('a schema that contains itself', () => {
    const schema: Record<string, unknown> = { type: 'object' };
    schema['properties'] = { child: schema };
    expect(countTokens([], { ...gpt4o, tools: [{ name: 'tree', parameters: schema }] })).toBeGreaterThan(32);
  });

  test('reasoning models: instructions for tools, one token less without', () => {
    const gpt5 = { model: 'gpt-5-mini' };
    expect(countTokens([{ role: 'user', content: 'Say hello' }], gpt5)).toBe(8);
    expect(countTokens([], { ...gpt5, tools: [{ name: 'now' }] })).toBeGreaterThan(90);
  });

  test('schemas of any shape', () => {
    const tools = [
      { name: 'f', parameters: 7 },
      { name: 'g', parameters: { properties: { a: null, b: { enum: 'x' } } } },
      {},
    ];
    expect(countTokens([], { ...gpt4o, tools })).toBeGreaterThan(3);
  });
});

describe('describeTokens', () => {
  test.each<[string, Parameters<typeof describeTokens>, Omit<Counted, 'tokens'>]>([
    ['a text', ['Hi', gpt4o], { exact: true, band: 0, imageTokens: 0, method: 'tiktoken o200k_base' }],
    [
      'an old model',
      ['Hi', { model: 'gpt-4' }],
      { exact: true, band: 0, imageTokens: 0, method: 'tiktoken cl100k_base' },
    ],
    [
      'tools',
      [question, { ...gpt4o, tools: [weather] }],
      { exact: false, band: 0, imageTokens: 0, method: 'tiktoken o200k_base' },
    ],
    ['chat of text', [question, gpt4o], { exact: true, band: 0, imageTokens: 0, method: 'tiktoken o200k_base' }],
    [
      'a call of a tool',
      [chat(call('a', '{}')), gpt4o],
      { exact: false, band: 0, imageTokens: 0, method: 'tiktoken o200k_base' },
    ],
    [
      'a sound, which is not counted',
      [[{ role: 'user', content: [{ type: 'input_audio' }] }], gpt4o],
      { exact: false, band: 0, imageTokens: 0, method: 'tiktoken o200k_base' },
    ],
    [
      'another vendor',
      ['Hi', { model: 'mistral-large-latest' }],
      { exact: false, band: 0.2, imageTokens: 0, method: 'tiktoken o200k_base x 1.1' },
    ],
    [
      'a chat of another vendor',
      [question, { model: 'us.amazon.nova-pro-v1:0' }],
      { exact: false, band: 0.35, imageTokens: 0, method: 'tiktoken o200k_base x 1.02' },
    ],
    [
      'a model nobody knows',
      ['Hi', { model: 'acme-1' }],
      { exact: false, band: 0.3, imageTokens: 0, method: 'tiktoken o200k_base' },
    ],
    [
      'an image',
      [[{ role: 'user', content: [{ type: 'image_url' }] }], gpt4o],
      { exact: false, band: 0, imageTokens: 765, method: 'tiktoken o200k_base' },
    ],
  ])('%s', (_, parameters, expected) => {
    expect(describeTokens(...parameters)).toMatchObject(expected);
  });
});

describe('never takes long', () => {
  beforeAll(() => {
    countTokens('load', { model: 'gpt-4o' });
    countTokens('load', { model: 'gpt-4' });
  });

  test.each([
    ['a', 'a'],
    ['spaces', ' '],
    ['lines', '\n'],
    ['dashes', '-'],
    ['slashes and line ends', '/\n'],
    ['signs with marks', '.\u0301'],
    ['ideographs', '\u7684'],
    ['emoji', '\u{1F600}'],
    ['joiners', '\u200d'],
    ['digits', '1'],
  ])('100,000 characters: %s', (_, unit) => {
    const text = unit.repeat(100_000 / unit.length);
    for (const model of ['gpt-4o', 'gpt-4']) {
      const before = process.cpuUsage();
      countTokens(text, { model });
      // Of processor time, because other tests run beside this one. Usually 0.02 to 0.2 s; unguarded it is 16 s.
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6).toBeLessThan(1.5);
    }
  });

  test('any text has a count', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const count = countTokens(text, gpt4o);
        return count <= Buffer.byteLength(text) && (text === '' ? count === 0 : count > 0);
      }),
    );
  });
});

const truth = path.resolve(import.meta.dirname, '../../../shared/truth/token_counts.json');

interface TokenCount {
  id: string;
  model: string;
  messages: ChatMessage[];
  tools?: ToolSpecification[];
  expected: number;
}

describe.skipIf(!existsSync(truth))('counts that the API confirmed (skipped where ../shared is absent)', () => {
  const cases = existsSync(truth) ? (JSON.parse(readFileSync(truth, 'utf8')) as TokenCount[]) : [];

  test.each(cases)('$id', ({ model, messages, tools = [], expected }) => {
    expect(countTokens(messages, { model, tools })).toBe(expected);
  });
});
