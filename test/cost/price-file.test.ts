import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calculateCost, parsePrices, readPriceFile } from '../../src/cost/index.ts';
import { parseLocated } from '../../src/cost/located-json.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const when = new Date('2026-11-18T12:00:00Z');
const million = 1_000_000;

function usd(prices: unknown, query: Omit<Parameters<typeof calculateCost>[0], 'prices' | 'when'>): string | undefined {
  const answer = calculateCost({ ...query, prices: parsePrices(JSON.stringify(prices)), when });
  return answer.usd === undefined ? undefined : `${answer.exactUsd} ${answer.source}`;
}

describe('prices of the user', () => {
  const custom = { models: [{ model: 'My-Model', prices: { input: 1.5, output: 3 } }] };

  test('price a model that nobody else knows', () => {
    expect(usd(custom, { model: 'my-model', provider: 'vllm', usage: { input: million, output: million } })).toBe(
      '4.5 user',
    );
    expect(usd(custom, { model: 'my-model-2', provider: 'vllm', usage: { input: 1 } })).toBeUndefined();
  });

  test('replace those of a known model, snapshots included, and leave its others', () => {
    const prices = { models: [{ provider: 'openai', model: 'gpt-4o', prices: { input: 2 } }] };
    const usage = { input: million, output: million };
    expect(usd(prices, { provider: 'openai', model: 'gpt-4o-2024-08-06', usage })).toBe('12 user');
    expect(usd(prices, { provider: 'openai', model: 'gpt-4o-mini', usage })).toBe('0.75 catalog');
    expect(usd(prices, { provider: 'openrouter', model: 'openai/gpt-4o', usage })).toBe('12.5 catalog');
  });

  test('are multiplied as the provider multiplies its own', () => {
    const prices = { models: [{ model: 'gpt-5', prices: { input: 1 } }] };
    expect(usd(prices, { provider: 'openai', model: 'gpt-5', usage: { input: million }, serviceTier: 'batch' })).toBe(
      '0.5 user',
    );
  });

  test('by pattern, by the size of the prompt, by date', () => {
    const prices = {
      models: [
        { pattern: '(?i)^ACME-', prices: { input: { base: 1, tiers: [{ above: 1000, price: 2 }] } } },
        { pattern: '^acme-', from: '2026-11-01', prices: { input: { base: 3, tiers: [{ above: 1000, price: 4 }] } } },
        { pattern: '^acme-', from: '2027-01-01', prices: { input: 9 } },
      ],
    };
    expect(usd(prices, { model: 'acme-7b', usage: { input: 1000 } })).toBe('0.003 user');
    expect(usd(prices, { model: 'acme-7b', usage: { input: 1001 } })).toBe('0.004004 user');
    expect(usd(prices, { model: 'Acme-7b', usage: { input: 1000 } })).toBe('0.001 user');
  });

  test('of other units and of tools', () => {
    const prices = { models: [{ model: 'my-voice', units: { seconds: 0.0001, web_search_requests: 0.002 } }] };
    const format = 'openai.transcription';
    const body = { type: 'duration', seconds: 12.5 };
    expect(usd(prices, { model: 'my-voice', usage: { format, body } })).toBe('0.00125 user');
  });

  test('a discount is off everything a provider bills, while it holds', () => {
    const prices = { discounts: [{ provider: 'anthropic', percent: 15, until: '2026-12-01' }] };
    const usage = {
      format: 'anthropic.messages',
      body: { input_tokens: 1000, output_tokens: 0, server_tool_use: { web_search_requests: 1 } },
    };
    expect(usd(prices, { provider: 'anthropic', model: 'claude-opus-4-8', usage })).toBe('0.01275 user');
    const over = { discounts: [{ provider: 'anthropic', percent: 15, until: '2026-11-01' }] };
    expect(usd(over, { provider: 'anthropic', model: 'claude-opus-4-8', usage })).toBe('0.015 catalog');
  });

  test('money that the provider states is what it bills', () => {
    const prices = { discounts: [{ provider: 'openrouter', percent: 50 }] };
    const usage = { format: 'openai.chat', body: { prompt_tokens: 1, completion_tokens: 1, cost: 0.25 } };
    expect(usd(prices, { provider: 'openrouter', model: 'a/b', usage })).toBe('0.25 provider');
  });
});

function page(...models: object[]): object {
  return { data: models, meta: { page: 1, limit: 50, totalItems: 1 } };
}

describe('model definitions of Langfuse', () => {
  // The shape of GET /api/public/models.
  const definition = {
    id: 'clm1',
    modelName: 'my-gpt',
    matchPattern: '(?i)^(my-gpt)(-\\d+)?$',
    startDate: null,
    unit: 'TOKENS',
    inputPrice: 0.0000025,
    outputPrice: 0.00001,
    totalPrice: null,
    tokenizerId: null,
    tokenizerConfig: {},
    isLangfuseManaged: false,
    createdAt: '2026-01-01T00:00:00.000Z',
    prices: {},
    pricingTiers: [],
  };
  const usage = { input: million, input_cached_tokens: million, output: million };

  test('with prices of input and output', () => {
    expect(usd(page(definition), { model: 'My-GPT-4', usage: { input: million, output: million } })).toBe('12.5 user');
    expect(usd([definition], { model: 'my-gpt', usage: { input: million } }), 'a list').toBe('2.5 user');
  });

  test('with prices by usage type', () => {
    const prices = { input: { price: 0.000003 }, input_cached_tokens: { price: 3e-7 }, output: { price: 0.000015 } };
    expect(usd(page({ ...definition, prices }), { model: 'my-gpt', usage })).toBe('18.3 user');
  });

  test('with tiers by the size of the prompt', () => {
    const tier = {
      name: 'long',
      isDefault: false,
      priority: 1,
      conditions: [{ usageDetailPattern: '^input', operator: 'gt', value: 200_000, caseSensitive: false }],
      prices: { input: 0.000006 },
    };
    const prices = { input: 0.000003, output: 0.000015 };
    const models = page({ ...definition, prices, pricingTiers: [{ isDefault: true, conditions: [], prices }, tier] });
    expect(usd(models, { model: 'my-gpt', usage: { input: 200_000 } })).toBe('0.6 user');
    expect(usd(models, { model: 'my-gpt', usage: { input: 200_001 } })).toBe('1.200006 user');
  });

  test('in another unit', () => {
    const models = page({
      ...definition,
      unit: 'MILLISECONDS',
      inputPrice: null,
      outputPrice: null,
      totalPrice: 0.000001,
    });
    const body = { type: 'duration', seconds: 2 };
    expect(usd(models, { model: 'my-gpt', usage: { format: 'openai.transcription', body } })).toBe('0.002 user');
  });
});

describe('a bad file', () => {
  test.each([
    ['{\n  "models": [\n    {"model": "a" "prices": {}}\n  ]\n}', 'line 3: a comma or } is expected'],
    ['{\n  "models": [', 'line 2: the text ends too early'],
    ['', 'line 1: the text ends too early'],
    ['{"models": []} x', 'line 1: there is more after the end of the value'],
    ['{\n  "modells": []\n}', 'line 2: `modells` is not known: did you mean `models`?'],
    [
      '{\n"models": [\n{"model": "a"}]}',
      'line 3: `prices` (USD for a million tokens) or `units` (USD for one) is missing',
    ],
    ['{"models": [\n{"model": "a",\n"prices": {"input": "1"}}]}', 'line 3: `input` is not an amount of 0 or more'],
    [
      '{"models": [\n{"model": "a",\n"prices": {"inputs": 1}}]}',
      'line 3: `inputs` is not known: did you mean `input`?',
    ],
    ['{"models": [\n{"model": "a",\n"prices":\n{"input": -1}}]}', 'line 4: `input` is not an amount'],
    ['{"models": [\n{"pattern": "(",\n"prices": {"input": 1}}]}', 'line 2: `pattern` is not a regular expression'],
    ['{"models": [\n\n7]}', 'line 3: an object is expected'],
    ['{"models":\n[{"model": "a", "from": "soon", "prices": {"input": 1}}]}', 'line 2: `from` is not a day such as'],
    ['{"discounts":\n[{"provider": "a"}]}', 'line 2: `provider` and `percent` are needed'],
    ['{"discounts":\n[{"provider": "a", "percent": 120}]}', 'line 2: `percent` is more than 100'],
    ['[{"matchPattern": "a",\n"unit": "WORDS"}]', 'line 2: `unit` is none of TOKENS'],
    ['{"a": 1,\n"a": 2}', 'line 2: "a" is there twice'],
    ['7', 'line 1: an object with `models` or `discounts`'],
  ])('%j', (text, message) => {
    expect(() => parsePrices(text, 'prices.json')).toThrow(`prices.json, ${message}`);
  });

  test('is named with its line, or with why it cannot be read', () => {
    const file = path.join(temporaryDirectory(), 'prices.json');
    expect(() => readPriceFile(file)).toThrow(/prices\.json: ENOENT/);
    writeFileSync(file, '{\n}\n}');
    expect(() => readPriceFile(file)).toThrow(`${file}, line 3: there is more after the end of the value`);
  });
});

test('any JSON reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parseLocated(text).value).toEqual(JSON.parse(text));
    }),
  );
});

test('any text is read or refused with a line of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\\n1-e.tn ') }), (text) => {
      try {
        JSON.parse(text);
      } catch {
        expect(() => parseLocated(text)).toThrow(expect.objectContaining({ name: 'JsonProblem' }));
        return;
      }
      expect(parseLocated(text).value).toEqual(JSON.parse(text));
    }),
  );
});
