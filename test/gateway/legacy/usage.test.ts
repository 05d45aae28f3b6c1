import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { usageAttributes } from '../../../src/gateway/legacy/usage.ts';
import type { JsonObject } from '../../../src/model/json.ts';

const json = (attributes: ReturnType<typeof usageAttributes>, name: string): unknown => {
  const text = attributes[name];
  return text === undefined ? undefined : JSON.parse(String(text));
};
const usageOf = (body: JsonObject): unknown => json(usageAttributes(body), 'langfuse.observation.usage_details');
const costOf = (body: JsonObject): unknown => json(usageAttributes(body), 'langfuse.observation.cost_details');
const unitsOf = (body: JsonObject): unknown => json(usageAttributes(body), 'otel_langfuse.usage.billing');

const DISJOINT = { input: 86, input_cached_tokens: 1920, output: 100, output_reasoning_tokens: 200, total: 2306 };

describe('tokens', () => {
  test.each<[string, JsonObject, object]>([
    [
      'the SDK’s names',
      { usage: { input: 10, output: 5, total: 15, unit: 'TOKENS' } },
      { input: 10, output: 5, total: 15 },
    ],
    ['without a total', { usage: { input: 10, output: 5 } }, { input: 10, output: 5, total: 15 }],
    ['one side', { usage: { input: 10 } }, { input: 10, total: 10 }],
    ['only a total, as input', { usage: { total: 10 } }, { input: 10, total: 10 }],
    ['null is nothing', { usage: { input: 10, output: null, total: null, unit: null } }, { input: 10, total: 10 }],
    [
      'OpenAI’s names, whatever unit is said',
      { usage: { promptTokens: 100, completionTokens: 50, totalTokens: 150, unit: 'USD' } },
      { input: 100, output: 50, total: 150 },
    ],
    ['details before usage', { usage: { input: 1 }, usageDetails: { input: 2 } }, { input: 2, total: 2 }],
    ['usage where details are empty', { usage: { input: 1 }, usageDetails: {} }, { input: 1, total: 1 }],
    [
      'disjoint by the total',
      { usageDetails: { input: 86, input_cache_read: 1920, output: 100, output_reasoning: 200, total: 2306 } },
      DISJOINT,
    ],
    [
      'inside by the total',
      {
        usageDetails: {
          input: 2006,
          input_cached_tokens: 1920,
          output: 300,
          output_reasoning_tokens: 200,
          total: 2306,
        },
      },
      DISJOINT,
    ],
    [
      'only one side has its parts inside',
      {
        usageDetails: {
          input: 2006,
          input_cached_tokens: 1920,
          output: 100,
          output_reasoning_tokens: 200,
          total: 2306,
        },
      },
      DISJOINT,
    ],
    [
      'without a total a token is in one count',
      { usageDetails: { input: 86, cache_read_input_tokens: 1920, output: 300 } },
      { input: 86, input_cached_tokens: 1920, output: 300, total: 2306 },
    ],
    [
      'caches that were taken out of an input without them',
      { usageDetails: { input: 0, input_cache_read: 2000, input_cache_creation: 100, output: 9, total: 33 } },
      { input: 24, input_cached_tokens: 2000, input_cache_creation: 100, output: 9, total: 2133 },
    ],
    [
      'audio beside the text',
      { usageDetails: { input: 80, input_audio: 20, output: 30, output_audio: 70, total: 200 } },
      { input: 80, input_audio_tokens: 20, output: 30, output_audio_tokens: 70, total: 200 },
    ],
    [
      'names of the app',
      { usageDetails: { input: 10, output: 5, output_pages: 2 } },
      { input: 10, output: 5, output_pages: 2, total: 15 },
    ],
    [
      'a name of the app that is inside',
      { usageDetails: { input: 10, input_new_kind: 4, output: 5, total: 15 } },
      { input: 10, output: 5, total: 15 },
    ],
    [
      'the usage object of OpenAI',
      {
        usageDetails: {
          prompt_tokens: 2006,
          completion_tokens: 300,
          total_tokens: 2306,
          prompt_tokens_details: { cached_tokens: 1920 },
          completion_tokens_details: { reasoning_tokens: 200 },
        },
      },
      DISJOINT,
    ],
    [
      'the usage object of Anthropic',
      {
        model: 'claude-sonnet-4-5',
        usage: { input_tokens: 24, output_tokens: 9, cache_read_input_tokens: 2000, cache_creation_input_tokens: 100 },
      },
      { input: 24, input_cached_tokens: 2000, input_cache_creation: 100, output: 9, total: 2133 },
    ],
  ])('%s', (_, body, expected) => {
    expect(usageOf(body)).toEqual(expected);
    expect(unitsOf(body)).toBeUndefined();
  });

  test('nothing stated is nothing said', () => {
    for (const body of [{}, { usage: null }, { usage: {} }, { usage: 'many' }, { usage: { input: 'ten' } }])
      expect(usageAttributes(body)).toEqual({});
  });

  test('whatever is inside what, the total of the provider is what is counted', () => {
    const count = fc.integer({ min: 0, max: 100_000 });
    const property = fc.property(
      count,
      count,
      count,
      count,
      fc.boolean(),
      (fresh, cached, visible, hidden, isInside) => {
        const details = {
          input: isInside ? fresh + cached : fresh,
          input_cached_tokens: cached,
          output: isInside ? visible + hidden : visible,
          output_reasoning_tokens: hidden,
          total: fresh + cached + visible + hidden,
        };
        expect(usageOf({ usageDetails: details })).toMatchObject({
          input: fresh,
          output: visible,
          total: details.total,
        });
      },
    );
    fc.assert(property);
  });

  test('any usage costs no error, and no count is negative', () => {
    const names = fc.constantFrom(
      'input',
      'output',
      'total',
      'input_cache_read',
      'output_audio',
      'unit',
      'promptTokens',
      'x',
      '__proto__',
    );
    const details = fc.dictionary(names, fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null)));
    fc.assert(
      fc.property(details, details, (usage, usageDetails) => {
        const counts = usageOf({ usage, usageDetails } as JsonObject) ?? {};
        expect(Object.values(counts).filter((count) => !(count >= 0))).toEqual([]);
      }),
    );
  });
});

describe('other units', () => {
  test.each<[string, JsonObject, object]>([
    ['characters', { input: 4321, unit: 'CHARACTERS' }, { characters: 4321 }],
    ['both sides', { input: 100, output: 20, unit: 'CHARACTERS' }, { characters: 120 }],
    ['seconds', { total: 12.5, unit: 'SECONDS' }, { seconds: 12.5 }],
    ['milliseconds are seconds', { total: 12_500, unit: 'MILLISECONDS' }, { seconds: 12.5 }],
    ['images', { output: 2, unit: 'IMAGES' }, { images: 2 }],
    ['unknown ones', { input: 3, unit: 'PARSECS' }, { parsecs: 3 }],
  ])('%s are no tokens', (_, usage, units) => {
    expect([usageOf({ usage }), unitsOf({ usage })]).toEqual([undefined, { units }]);
  });
});

describe('cost', () => {
  test.each<[string, JsonObject, object]>([
    ['of usage', { usage: { inputCost: 0.1, outputCost: 0.2 } }, { input: 0.1, output: 0.2, total: 0.3 }],
    ['a stated total holds', { usage: { inputCost: 0.1, totalCost: 0.5 } }, { input: 0.1, total: 0.5 }],
    ['beside OpenAI’s names', { usage: { promptTokens: 1, totalCost: 0.5 } }, { total: 0.5 }],
    [
      'details before usage',
      { usage: { totalCost: 1 }, costDetails: { input: 0.1, cache: 0.2 } },
      { input: 0.1, cache: 0.2, total: 0.3 },
    ],
    ['none', { costDetails: { input: 0, output: 0 } }, { total: 0 }],
  ])('%s', (_, body, expected) => {
    expect(costOf(body)).toEqual(expected);
  });

  test('what cost nothing and states no usage used nothing', () => {
    expect(usageOf({ usage: { totalCost: 0 } })).toEqual({ total: 0 });
    expect(usageOf({ usage: { input: 5, totalCost: 0 } })).toEqual({ input: 5, total: 5 });
  });
});
