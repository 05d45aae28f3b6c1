import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PriceInput, priceCall } from '../../src/cost/price.ts';
import type { Cost } from '../../src/model/cost.ts';
import { formatUsd, type Money } from '../../src/model/money.ts';
import type { ReportedUsage } from '../../src/model/reported-usage.ts';
import type { UsageBucket, UsageDetails } from '../../src/model/usage.ts';

type Buckets = { [K in UsageBucket]?: number };
type Facts = Partial<ReportedUsage>;

function usageOf(buckets: Buckets): UsageDetails {
  return { ...buckets, total: Object.values(buckets).reduce((a, b) => a + b, 0) };
}

function reportedOf(facts: Facts): ReportedUsage {
  return {
    inputIncludes: { cacheRead: false, cacheWrite: false },
    outputIncludes: { reasoning: false },
    serviceTier: 'default',
    ...facts,
  };
}

function inputOf(model: string, buckets: Buckets, facts: Facts = {}, rest: Partial<PriceInput> = {}): PriceInput {
  return {
    provider: model.startsWith('claude') ? 'anthropic' : 'openai',
    requestModel: model,
    parts: [{ usage: usageOf(buckets) }],
    reported: reportedOf(facts),
    when: new Date('2026-11-18T12:00:00Z'),
    ...rest,
  };
}

function costOf(input: PriceInput): Cost {
  const pricing = priceCall(input);
  if ('unpriced' in pricing) throw new Error(pricing.unpriced.message);
  return pricing.cost;
}

function usd(model: string, buckets: Buckets, facts?: Facts, rest?: Partial<PriceInput>): string {
  return formatUsd(costOf(inputOf(model, buckets, facts, rest)).total);
}

function at(time: string): Partial<PriceInput> {
  return { when: new Date(time) };
}

function sum(amounts: Money[]): Money {
  return amounts.reduce((a, b) => a + b, 0n);
}

const million = 1_000_000;

describe('what an instrumentation reckons', () => {
  const facts = { reckonedUsd: '0.5' };

  test('holds where no price is known', () => {
    const { source, total } = costOf(inputOf('my-own-model', { input: 10 }, facts));
    expect([source, formatUsd(total)]).toEqual(['instrumentation', '0.5']);
  });

  test('holds against no price that is known, and no money that was billed', () => {
    expect(usd('gpt-4o', { input: 1_000_000 }, facts)).toBe('2.5');
    expect(usd('my-own-model', { input: 10 }, { ...facts, billedUsd: '0.25' })).toBe('0.25');
  });
});

describe('a million tokens', () => {
  // https://developers.openai.com/api/docs/pricing
  test.each<[string, string, Buckets, Facts, string]>([
    ['standard', 'gpt-5-mini', { input: million }, {}, '0.25'],
    ['cached', 'gpt-5-mini', { input_cached_tokens: million }, {}, '0.025'],
    ['reasoning, at the price of output', 'gpt-5-mini', { output_reasoning_tokens: million }, {}, '2'],
    ['flex', 'gpt-5-mini', { input: million }, { serviceTier: 'flex' }, '0.125'],
    ['flex, cached', 'gpt-5-mini', { input_cached_tokens: million }, { serviceTier: 'flex' }, '0.0125'],
    ['batch', 'gpt-5-mini', { output: million }, { serviceTier: 'batch' }, '1'],
    ['batch, cached', 'gpt-5-mini', { input_cached_tokens: million }, { serviceTier: 'batch' }, '0.0125'],
    ['batch without a cache discount', 'gpt-4.1', { input_cached_tokens: million }, { serviceTier: 'batch' }, '1'],
    ['batch without a discount', 'gpt-3.5-turbo-1106', { input: million }, { serviceTier: 'batch' }, '1'],
    ['priority', 'gpt-5-mini', { input: million }, { serviceTier: 'priority' }, '0.45'],
    ['priority by its later name', 'gpt-5-mini', { input: million }, { serviceTier: 'fast' }, '0.45'],
    ['priority, cached', 'gpt-5-mini', { input_cached_tokens: million }, { serviceTier: 'priority' }, '0.045'],
    ['priority', 'gpt-4o', { output: million }, { serviceTier: 'priority' }, '17'],
    ['priority', 'gpt-4o-mini', { output: million }, { serviceTier: 'priority' }, '1'],
    ['priority', 'o4-mini', { input_cached_tokens: million }, { serviceTier: 'priority' }, '0.5'],
    ['priority', 'o3', { input_cached_tokens: million }, { serviceTier: 'priority' }, '0.875'],
    ['priority', 'gpt-5.5', { input: 100_000 }, { serviceTier: 'priority' }, '1.25'],
    ['audio in', 'gpt-4o-audio-preview', { input_audio_tokens: million }, {}, '40'],
    ['audio out', 'gpt-4o-audio-preview', { output_audio_tokens: million }, {}, '80'],
    ['audio in, first snapshot', 'gpt-4o-audio-preview-2024-10-01', { input_audio_tokens: million }, {}, '100'],
    ['audio in, mini', 'gpt-4o-mini-audio-preview', { input_audio_tokens: million }, {}, '10'],
    ['fine-tuned', 'ft:gpt-4.1-mini-2025-04-14:acme::x', { input: million }, {}, '0.8'],
    ['fine-tuned, cached', 'ft:gpt-4o-mini-2024-07-18:acme::x', { input_cached_tokens: million }, {}, '0.15'],
    ['embedding', 'text-embedding-3-small', { input: million }, {}, '0.02'],
    ['free', 'omni-moderation-latest', { input: million }, {}, '0'],
    // https://platform.claude.com/docs/en/about-claude/pricing
    ['standard', 'claude-opus-4-8', { input: million }, {}, '5'],
    ['5 minute write', 'claude-opus-4-8', { input_cache_creation: million }, {}, '6.25'],
    ['1 hour write', 'claude-opus-4-8', { input_cache_creation_1h: million }, {}, '10'],
    ['cache hit', 'claude-opus-4-8', { input_cached_tokens: million }, {}, '0.5'],
    ['US inference', 'claude-opus-4-8', { output: million }, { inferenceGeo: 'us' }, '27.5'],
    ['global inference', 'claude-opus-4-8', { output: million }, { inferenceGeo: 'global' }, '25'],
    ['US inference, earlier model', 'claude-opus-4-5', { output: million }, { inferenceGeo: 'us' }, '25'],
    ['fast', 'claude-opus-4-8', { output: million }, { speed: 'fast' }, '50'],
    ['fast, cache hit', 'claude-opus-5-5', { input_cached_tokens: million }, { speed: 'fast' }, '0.4'],
    ['fast in the US', 'claude-opus-4-8', { input: million }, { speed: 'fast', inferenceGeo: 'us' }, '11'],
    ['fast', 'claude-opus-4-6', { input: million }, { speed: 'fast' }, '30'],
    ['batch', 'claude-haiku-4-5', { output: million }, { serviceTier: 'batch' }, '2.5'],
    ['batch, 1 hour write', 'claude-haiku-4-5', { input_cache_creation_1h: million }, { serviceTier: 'batch' }, '1'],
    ['committed capacity', 'claude-haiku-4-5', { output: million }, { serviceTier: 'priority' }, '5'],
    ['image', 'claude-haiku-4-5', { input_image_tokens: million }, {}, '1'],
    ['haiku 5.5, long prompt', 'claude-haiku-5-5', { input: million }, {}, '0.5'],
  ])('%s: %s', (_, model, buckets, facts, expected) => {
    expect(usd(model, buckets, facts)).toBe(expected);
  });

  test('one hour writes of a model without their price cost twice its input', () => {
    const model = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';
    expect(usd(model, { input_cache_creation_1h: 100_000 }, {}, { provider: 'aws.bedrock' })).toBe('0.6');
  });
});

describe('other providers', () => {
  test.each<[string, string, string, Buckets, Facts, string]>([
    // https://ai.google.dev/gemini-api/docs/pricing
    [
      'audio, cached too',
      'gcp.gemini',
      'gemini-2.5-flash',
      { input_audio_tokens: 4000, input_cached_audio_tokens: 2000 },
      {},
      '0.0042',
    ],
    [
      'long prompt',
      'gcp.gemini',
      'gemini-2.5-pro',
      { input: 150_000, input_cached_tokens: 100_000, output: 1000, output_reasoning_tokens: 500 },
      {},
      '0.4225',
    ],
    // https://cloud.google.com/vertex-ai/generative-ai/docs/flex-paygo
    [
      'flex',
      'gcp.vertex_ai',
      'gemini-3-flash-preview',
      { input: 5, output: 1, output_reasoning_tokens: 51 },
      { serviceTier: 'ON_DEMAND_FLEX' },
      '0.00007925',
    ],
    // https://aws.amazon.com/bedrock/pricing/
    [
      'global',
      'aws.bedrock',
      'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      { input: 3, input_cached_tokens: 2074, input_cache_creation: 297, output: 61 },
      {},
      '0.00265995',
    ],
    ['regional', 'aws.bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', { output: million }, {}, '16.5'],
    // https://cohere.com/pricing
    ['billed units', 'cohere', 'command-r-08-2024', { input: 431, output: 661 }, {}, '0.00046125'],
  ])('%s: %s %s', (_, provider, model, buckets, facts, expected) => {
    expect(usd(model, buckets, facts, { provider })).toBe(expected);
  });
});

test.each([
  // https://aws.amazon.com/bedrock/pricing/
  ['global.anthropic.claude-sonnet-4-5-20250929-v1:0', '0.3'],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', '0.33'],
  ['anthropic.claude-sonnet-4-5-20250929-v1:0', '0.33'],
  // Not known by its id: the answer has to do.
  ['arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefgh', '0.33'],
])('a Bedrock profile decides, though Claude answers by its own name: %s', (requestModel, expected) => {
  const own = { provider: 'aws.bedrock', responseModel: 'claude-sonnet-4-5-20250929' };
  expect(usd(requestModel, { input: 100_000 }, {}, own)).toBe(expected);
});

describe('the time of the call selects the price', () => {
  test.each([
    // https://developers.openai.com/api/docs/changelog
    ['o3', { input: million }, '2025-06-09T23:59:59Z', '10'],
    ['o3', { input: million }, '2025-06-10T00:00:00Z', '2'],
    ['o3', { input_cached_tokens: million }, '2025-06-09T23:59:59Z', '2.5'],
    ['o3', { input_cached_tokens: million }, '2025-06-10T00:00:00Z', '0.5'],
    ['gpt-5.6-sol', { input: 100_000 }, '2026-08-20T12:00:00Z', '0.5'],
    ['gpt-5.6-sol', { input: 100_000 }, '2026-08-21T12:00:00Z', '0.4'],
    // https://www.anthropic.com/claude-haiku-5-5
    ['claude-sonnet-5-5', { input_cached_tokens: million }, '2026-10-06T12:00:00Z', '0.2'],
    ['claude-sonnet-5-5', { input_cached_tokens: million }, '2026-10-07T12:00:00Z', '0.1'],
  ])('%s %o at %s', (model, buckets, time, expected) => {
    expect(usd(model, buckets, {}, at(time))).toBe(expected);
  });

  // https://api-docs.deepseek.com/quick_start/pricing
  test.each([
    ['before there were peaks', '2026-08-10T02:00:00Z', '0.14'],
    ['peak', '2026-11-18T02:00:00Z', '0.44'],
    ['second peak', '2026-11-18T06:00:00Z', '0.44'],
    ['end of the peak', '2026-11-18T10:00:00Z', '0.22'],
    ['off-peak', '2026-11-18T12:00:00Z', '0.22'],
    ['weekend', '2026-11-21T02:00:00Z', '0.22'],
    ['Friday evening in UTC, a Saturday in Beijing', '2026-11-20T17:00:00Z', '0.22'],
    ['Monday morning in Beijing', '2026-11-23T01:00:00Z', '0.44'],
    ['the Saturday before weekends were off-peak', '2026-08-22T02:00:00Z', '0.44'],
  ])('deepseek-v4-flash, %s', (_, time, expected) => {
    const input = { ...at(time), provider: 'deepseek' };
    expect(usd('deepseek-v4-flash', { input: million }, {}, input)).toBe(expected);
  });
});

describe('tiers go by the whole prompt', () => {
  // https://developers.openai.com/api/docs/models/gpt-5.6-sol
  test.each<[Buckets, string]>([
    [{ input: 272_000 }, '1.088'],
    [{ input: 272_001 }, '2.176008'],
    // cached, written and fresh tokens together are the prompt
    [{ input: 1000, input_cached_tokens: 200_000, input_cache_creation: 71_000 }, '0.439'],
    [{ input: 1000, input_cached_tokens: 200_000, input_cache_creation: 71_001 }, '0.87801'],
    // and output is not part of it
    [{ input: 1000, output: 300_000 }, '6.004'],
  ])('%o', (buckets, expected) => {
    expect(usd('gpt-5.6-sol', buckets)).toBe(expected);
  });

  test('the last tier of a model that begins above its bound', () => {
    expect(usd('claude-sonnet-4-5', { input: 200_000 })).toBe('0.6');
    expect(usd('claude-sonnet-4-5', { input: 200_001 })).toBe('1.200006');
  });

  test('every part has its own', () => {
    const parts = [
      { usage: usageOf({ input: 150_000 }) },
      { model: 'claude-sonnet-4-5', label: 'compaction', usage: usageOf({ input: 150_000 }) },
    ];
    expect(usd('claude-sonnet-4-5', {}, {}, { parts })).toBe('0.9');
  });
});

describe('parts', () => {
  test('are each billed at their own model', () => {
    const parts = [
      { usage: usageOf({ input: 1000 }) },
      { model: 'claude-opus-4-8', label: 'advisor_message', usage: usageOf({ input: 1000 }) },
    ];
    const cost = costOf(inputOf('claude-haiku-4-5', {}, {}, { parts }));
    expect(cost.parts.map(({ model, amount }) => [model, formatUsd(amount)])).toEqual([
      ['claude-haiku-4-5', '0.001'],
      ['claude-opus-4-8', '0.005'],
    ]);
    expect(formatUsd(cost.details.input ?? 0n)).toBe('0.006');
  });

  test('one without a price leaves the call without one', () => {
    const parts = [{ usage: usageOf({ input: 1000 }) }, { model: 'claude-next', usage: usageOf({ input: 1 }) }];
    expect(priceCall(inputOf('claude-haiku-4-5', {}, {}, { parts }))).toEqual({
      unpriced: { code: 'unknown-model', message: 'no price is known for model claude-next of anthropic' },
    });
  });
});

describe('fees', () => {
  test.each<[string, Facts, string]>([
    ['claude-sonnet-4-5', { serverTools: { web_search_requests: 3 } }, '0.03'],
    ['claude-sonnet-4-5', { serverTools: { web_search_requests: 3 }, serviceTier: 'batch' }, '0.03'],
    ['claude-sonnet-4-5', { serverTools: { web_fetch_requests: 3 } }, '0'],
    ['gpt-5', { serverTools: { file_search_calls: 2 } }, '0.005'],
  ])('%s %o', (model, facts, expected) => {
    const cost = costOf(inputOf(model, { input: 0 }, facts));
    expect(formatUsd(cost.total)).toBe(expected);
    expect(cost.assumptions).toEqual([]);
  });

  test('one that depends on more than the number of calls says so', () => {
    const cost = costOf(inputOf('gpt-5', {}, { serverTools: { code_interpreter_containers: 2 } }));
    expect(formatUsd(cost.total)).toBe('0.06');
    expect(cost.assumptions).toEqual(['2 code_interpreter_containers each billed as one new session of 1 GB']);
  });

  test('one that goes by time is said to be missing', () => {
    const cost = costOf(inputOf('claude-opus-4-8', { input: 1 }, { serverTools: { code_execution_requests: 1 } }));
    expect(cost.assumptions).toEqual(['1 code_execution_requests not included: billed by time, which is not reported']);
  });

  test('one that nobody knows is said to be missing', () => {
    const cost = costOf(inputOf('claude-opus-4-8', { input: 1000 }, { serverTools: { tea_requests: 2 } }));
    expect(cost.assumptions).toEqual(['2 tea_requests of anthropic not included: no fee is known']);
  });

  test('for every request of a model that has one', () => {
    const cost = costOf(inputOf('sonar', { input: million }, {}, { provider: 'perplexity' }));
    expect(cost.parts.map(({ item, quantity }) => [item, quantity])).toEqual([
      ['input', million],
      ['requests', 1],
    ]);
  });
});

describe('money that the provider states', () => {
  test('wins over the catalog and needs none', () => {
    const cost = costOf(
      inputOf('anyone/anything', { input: 5 }, { billedUsd: '0.0160614' }, { provider: 'openrouter' }),
    );
    expect(formatUsd(cost.total)).toBe('0.0160614');
    expect(cost.source).toBe('provider');
    expect(cost.catalogVersion).toBeUndefined();
    expect(cost.details).toEqual({ billed: cost.total });
  });
});

describe('no price', () => {
  test.each<[string, PriceInput, string, string]>([
    ['unknown model', inputOf('gpt-99', { input: 1 }), 'unknown-model', 'no price is known for model gpt-99 of openai'],
    [
      'no model',
      { parts: [{ usage: usageOf({ input: 1 }) }], when: new Date(0) },
      'unknown-model',
      'no price is known for a call without a model name',
    ],
    [
      'no such price',
      inputOf('text-embedding-3-small', { output: 1 }),
      'unknown-price',
      'text-embedding-3-small has no price for output',
    ],
    ['no usage', inputOf('gpt-4o', {}, {}, { parts: [] }), 'no-usage', 'the call reports no usage'],
    [
      'no money',
      inputOf('gpt-4o', { input: 1 }, { billedUsd: 'much' }),
      'invalid-money',
      'the money that the provider states is not a number',
    ],
    [
      'no time',
      inputOf('gpt-4o', { input: 1 }, {}, { when: new Date(Number.NaN) }),
      'invalid-time',
      'the call has no valid time',
    ],
  ])('%s', (_, input, code, message) => {
    expect(priceCall(input)).toEqual({ unpriced: { code, message } });
  });
});

describe('the model that answered decides', () => {
  test.each([
    ['gpt-4o', 'gpt-4o-mini-2024-07-18', '0.15', []],
    ['my-deployment', 'gpt-4o-2024-08-06', '2.5', []],
    ['gpt-4o', 'internal-7', '2.5', ['price of the requested model gpt-4o: internal-7 is not known']],
  ])('asked for %s, answered %s', (requestModel, responseModel, expected, assumptions) => {
    const cost = costOf(inputOf(requestModel, { input: million }, {}, { responseModel }));
    expect([formatUsd(cost.total), cost.assumptions]).toEqual([expected, assumptions]);
  });
});

describe('the address says who bills', () => {
  test('an OpenAI client used with another vendor', () => {
    const input = inputOf('deepseek-chat', { input: million }, {}, { serverAddress: 'api.deepseek.com' });
    expect(formatUsd(costOf(input).total)).toBe('0.14');
  });

  test('an unknown one says nothing', () => {
    expect(usd('gpt-4o', { input: million }, {}, { serverAddress: '127.0.0.1' })).toBe('2.5');
  });

  // https://developers.openai.com/api/docs/guides/data-residency
  test.each([
    ['gpt-5.4-mini', '0.825'],
    ['gpt-4.1', '2'],
  ])('a region of OpenAI costs a tenth more for later models: %s', (model, expected) => {
    expect(usd(model, { input: million }, {}, { serverAddress: 'eu.api.openai.com' })).toBe(expected);
  });
});

describe('assumptions', () => {
  test.each<[string, Buckets, Facts, string[]]>([
    ['gpt-4o', { input: 1, output: 1 }, {}, []],
    ['gpt-5.2-pro', { input: 1 }, { serviceTier: 'priority' }, ['standard prices: none known for tier priority']],
    [
      'gpt-4-turbo',
      { input_cached_tokens: 1 },
      {},
      ['gpt-4-turbo: no price for input_cached_tokens, billed at input_mtok'],
    ],
    ['gpt-4o', { input_audio_tokens: 1 }, {}, ['gpt-4o: no price for input_audio_tokens, billed at input_mtok']],
    ['gpt-4o', { input: 1 }, { estimated: true }, ['tokens were counted here: the provider reported none']],
  ])('%s %o %o', (model, buckets, facts, expected) => {
    expect(costOf(inputOf(model, buckets, facts)).assumptions).toEqual(expected);
  });

  test('the tier, where none is reported', () => {
    const { reported: _, ...input } = inputOf('gpt-4o', { input: 1 });
    expect(costOf(input).assumptions).toEqual(['standard tier: none reported']);
  });
});

describe('any call', () => {
  const model = fc.constantFrom(
    'gpt-4o',
    'gpt-5.6-sol',
    'o4-mini',
    'claude-opus-4-8',
    'claude-sonnet-4-5',
    'gpt-audio',
  );
  const count = fc.nat({ max: 2_000_000 });
  const buckets: fc.Arbitrary<Buckets> = fc.record(
    {
      input: count,
      input_cached_tokens: count,
      input_cached_audio_tokens: count,
      input_cache_creation: count,
      input_cache_creation_1h: count,
      input_audio_tokens: count,
      input_image_tokens: count,
      output: count,
      output_reasoning_tokens: count,
      output_audio_tokens: count,
    },
    { requiredKeys: [] },
  );
  /** Twice their sum is below every tier. */
  const small: fc.Arbitrary<Buckets> = buckets.map((usage) =>
    Object.fromEntries(Object.entries(usage).map(([bucket, tokens]) => [bucket, tokens % 10_000])),
  );
  const conditions = {
    serviceTier: fc.constantFrom('default', 'flex', 'batch', 'priority', 'other'),
    inferenceGeo: fc.constantFrom('us', 'global'),
    speed: fc.constantFrom('fast', 'standard'),
  };
  const factsWithoutFees: fc.Arbitrary<Facts> = fc.record(conditions);
  const serverTools = fc.record({ web_search_requests: fc.nat({ max: 100 }) });
  const facts: fc.Arbitrary<Facts> = fc.record({ ...conditions, serverTools });
  const time = fc.date({ min: new Date('2024-01-01'), max: new Date('2027-12-31'), noInvalidDate: true });

  test('costs what its parts add up to, and never less than nothing', () => {
    fc.assert(
      fc.property(model, buckets, facts, time, (name, usage, how, when) => {
        const { total, details, parts } = costOf(inputOf(name, usage, how, { when }));
        expect(sum(Object.values(details))).toBe(total);
        expect(sum(parts.map(({ amount }) => amount))).toBe(total);
        expect(
          parts.every(({ amount, unitPrice, quantity }) => amount >= 0n && amount === unitPrice * BigInt(quantity)),
        ).toBe(true);
      }),
    );
  });

  test('costs twice as much for twice the tokens of a tier', () => {
    fc.assert(
      fc.property(model, small, factsWithoutFees, time, (name, usage: Buckets, how, when) => {
        const twice = Object.fromEntries(Object.entries(usage).map(([key, n]) => [key, n * 2]));
        const once = costOf(inputOf(name, usage, how, { when })).total;
        expect(costOf(inputOf(name, twice, how, { when })).total).toBe(once * 2n);
      }),
    );
  });

  test('never costs less for more tokens in a bucket', () => {
    fc.assert(
      fc.property(model, buckets, facts, time, fc.nat({ max: 1000 }), (name, usage: Buckets, how, when, more) => {
        const { total } = costOf(inputOf(name, usage, how, { when }));
        for (const bucket of Object.keys(usage) as UsageBucket[]) {
          const larger = { ...usage, [bucket]: (usage[bucket] ?? 0) + more };
          expect(costOf(inputOf(name, larger, how, { when })).total).toBeGreaterThanOrEqual(total);
        }
      }),
    );
  });

  test('costs as much as its buckets one by one, within a tier', () => {
    fc.assert(
      fc.property(model, small, factsWithoutFees, time, (name, usage: Buckets, how, when) => {
        const separately = Object.entries(usage).map(
          ([key, n]) => costOf(inputOf(name, { [key]: n }, how, { when })).total,
        );
        expect(costOf(inputOf(name, usage, how, { when })).total).toBe(sum(separately));
      }),
    );
  });
});
