/**
 * What providers bill and the catalog cannot express, as data: how a call was served (tier, speed, region), when, and
 * what it used besides tokens. `source` says where each row is documented.
 */
import type { PriceKey } from './catalog.ts';
import type { PriceRule } from './price-rule.ts';

const OPENAI_PRICING = 'https://developers.openai.com/api/docs/pricing';
const ANTHROPIC_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const ANTHROPIC_TIERS = 'https://platform.claude.com/docs/en/api/service-tiers';
const DEEPSEEK_PRICING = 'https://api-docs.deepseek.com/quick_start/pricing';
const VERTEX_FLEX = 'https://cloud.google.com/vertex-ai/generative-ai/docs/flex-paygo';

const O3_PRICE_CUT = '2025-06-10';

/** Names of tiers that are billed at list prices. */
export const STANDARD_TIERS: ReadonlySet<string> = new Set([
  'default',
  'standard',
  'on_demand',
  'scale', // OpenAI scale tier: list price against a commitment
]);

/** What a call of a provider-side tool costs. Neither a price nor a note: nothing besides its tokens. */
interface Fee {
  /** The catalog's price for a thousand of them. */
  price?: PriceKey;
  /** What to say with the cost. */
  note?: string;
}

export const FEES: Readonly<Record<string, Fee>> = {
  web_search_requests: { price: 'web_searches_kcount' },
  file_search_calls: { price: 'storage_searches_kcount' },
  code_interpreter_containers: {
    price: 'code_interpreter_sessions_kcount',
    note: 'each billed as one new session of 1 GB',
  },
  // https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool
  web_fetch_requests: {},
  // https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
  tool_search_requests: {},
  // https://platform.claude.com/docs/en/about-claude/pricing#code-execution-tool: by the hour after 1,550 free ones
  code_execution_requests: { note: 'not included: billed by time, which is not reported' },
};

/** Since 2026-07-30 OpenAI's priority tier is also called fast. */
const PRIORITY = { serviceTier: ['priority', 'fast'] };

/** Priority prices are per model; these are the ones that are a plain multiple of the standard price. */
const OPENAI_PRIORITY_MULTIPLES: readonly (readonly [multiplier: string, models: readonly string[]])[] = [
  ['2.5', ['gpt-5.5']],
  [
    '2',
    [
      'gpt-6.1-sol',
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-5.6-sol',
      'gpt-5.6-terra',
      'gpt-5.6-luna',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.3',
      'gpt-5.3-codex',
      'gpt-5.2',
      'gpt-5.1',
      'gpt-5',
      'gpt-4.1-nano',
    ],
  ],
  ['1.8', ['gpt-5-mini', 'gpt-5.1-codex-mini']],
  ['1.75', ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4o-2024-05-13', 'o3']],
  ['1.7', ['gpt-4o']],
];

/** Models without a discount on cached input when run as a batch: their cached tokens cost what fresh ones do. */
const OPENAI_BATCH_WITHOUT_CACHE_DISCOUNT: readonly (readonly [model: string, input: number, from?: string])[] = [
  ['gpt-4.1', 2],
  ['gpt-4.1-mini', 0.4],
  ['gpt-4.1-nano', 0.1],
  ['gpt-4o', 2.5],
  ['gpt-4o-mini', 0.15],
  ['o1', 15],
  ['o3', 2, O3_PRICE_CUT],
  ['o3-mini', 1.1],
  ['o4-mini', 1.1],
];

const OPENAI: readonly PriceRule[] = [
  { providers: ['openai'], when: { serviceTier: ['flex'] }, multiplier: '0.5', source: OPENAI_PRICING },
  { providers: ['openai', 'azure'], when: { serviceTier: ['batch'] }, multiplier: '0.5', source: OPENAI_PRICING },
  {
    // This snapshot alone has no batch discount.
    providers: ['openai'],
    models: ['gpt-3.5-turbo-1106'],
    when: { serviceTier: ['batch'] },
    multiplier: '2',
    source: OPENAI_PRICING,
  },
  ...OPENAI_BATCH_WITHOUT_CACHE_DISCOUNT.map(([model, input, from]) => ({
    providers: ['openai'],
    models: [model],
    from,
    when: { serviceTier: ['batch'] },
    prices: { cache_read_mtok: input },
    source: OPENAI_PRICING,
  })),
  ...OPENAI_PRIORITY_MULTIPLES.map(([multiplier, models]) => ({
    providers: ['openai'],
    models,
    when: PRIORITY,
    multiplier,
    source: OPENAI_PRICING,
  })),
  {
    providers: ['openai'],
    models: ['gpt-4o-mini'],
    when: PRIORITY,
    prices: { input_mtok: 0.25, cache_read_mtok: 0.125, output_mtok: 1 },
    source: OPENAI_PRICING,
  },
  {
    providers: ['openai'],
    models: ['o4-mini'],
    when: PRIORITY,
    prices: { input_mtok: 2, cache_read_mtok: 0.5, output_mtok: 8 },
    source: OPENAI_PRICING,
  },
  {
    // Data residency, for models released since 2026-03-05.
    providers: ['openai'],
    models: [
      'gpt-5.4',
      'gpt-5.4-pro',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.5',
      'gpt-5.5-pro',
      'gpt-5.6-sol',
      'gpt-5.6-terra',
      'gpt-5.6-luna',
      'gpt-6-astra',
      'gpt-6-sol',
      'gpt-6-luna',
      'gpt-6.1-sol',
    ],
    when: { host: ['us', 'eu', 'au', 'in', 'jp'].map((region) => `${region}.api.openai.com`) },
    multiplier: '1.1',
    source: 'https://developers.openai.com/api/docs/guides/data-residency',
  },
  {
    // Tools of the Responses API, the same for all models. A session: a container of 1 GB for 20 minutes.
    providers: ['openai'],
    prices: { web_searches_kcount: 10, storage_searches_kcount: 2.5, code_interpreter_sessions_kcount: 30 },
    source: `${OPENAI_PRICING}#built-in-tools`,
  },
  {
    // The catalog has today's price of cached input for the time before the price cut too.
    providers: ['openai'],
    models: ['o3'],
    until: O3_PRICE_CUT,
    prices: { cache_read_mtok: 2.5 },
    source: 'https://community.openai.com/t/o3-is-80-cheaper-and-introducing-o3-pro/1284925',
  },
  {
    providers: ['openai'],
    models: ['gpt-4o-audio-preview'],
    prices: { input_audio_mtok: 40, output_audio_mtok: 80 },
    source: 'https://developers.openai.com/api/docs/models/gpt-4o-audio-preview',
  },
  {
    providers: ['openai'],
    models: ['gpt-4o-mini-audio-preview'],
    prices: { input_audio_mtok: 10, output_audio_mtok: 20 },
    source: 'https://developers.openai.com/api/docs/models/gpt-4o-mini-audio-preview',
  },
];

/** The first Claude models that know `inference_geo`, and all since. */
const CLAUDE_WITH_GEOGRAPHY = [
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-7',
  'claude-opus-4-8',
  'claude-opus-5',
  'claude-opus-5-5',
  'claude-sonnet-5',
  'claude-sonnet-5-5',
  'claude-haiku-5-5',
  'claude-fable-5',
  'claude-fable-5-1',
  'claude-mythos-5',
  'claude-mythos-5-1',
];

const ANTHROPIC: readonly PriceRule[] = [
  { providers: ['anthropic'], when: { serviceTier: ['batch'] }, multiplier: '0.5', source: ANTHROPIC_PRICING },
  // Billed at list prices, against capacity that was committed to.
  { providers: ['anthropic'], when: { serviceTier: ['priority'] }, multiplier: '1', source: ANTHROPIC_TIERS },
  {
    providers: ['anthropic'],
    models: CLAUDE_WITH_GEOGRAPHY,
    when: { inferenceGeo: ['us'] },
    multiplier: '1.1',
    source: `${ANTHROPIC_PRICING}#data-residency-pricing`,
  },
  {
    // A call that was not served fast reports `standard`, so the time when a model lost its fast mode does not matter.
    providers: ['anthropic'],
    models: ['claude-opus-4-6', 'claude-opus-4-7'],
    when: { speed: ['fast'] },
    multiplier: '6',
    source: `${ANTHROPIC_PRICING}#fast-mode-pricing`,
  },
  {
    providers: ['anthropic'],
    models: ['claude-opus-4-8', 'claude-opus-5', 'claude-opus-5-5'],
    when: { speed: ['fast'] },
    multiplier: '2',
    source: `${ANTHROPIC_PRICING}#fast-mode-pricing`,
  },
];

const GOOGLE: readonly PriceRule[] = [
  {
    providers: ['google'],
    when: { serviceTier: ['on_demand_flex', 'flex', 'batch'] },
    multiplier: '0.5',
    source: VERTEX_FLEX,
  },
];

/**
 * Peak prices, which the catalog states as the plain ones of two daily windows, hold neither before 2026-08-17 nor,
 * since 2026-08-23, at weekends (Beijing time). An all-day era cannot say so.
 */
const DEEPSEEK_V4: readonly (readonly [model: string, flat: PriceRule['prices'], offPeak: PriceRule['prices']])[] = [
  [
    'deepseek-v4-flash',
    { input_mtok: 0.14, cache_read_mtok: 0.0028, output_mtok: 0.28 },
    { input_mtok: 0.22, cache_read_mtok: 0.007, output_mtok: 0.66 },
  ],
  [
    'deepseek-v4-pro',
    { input_mtok: 0.435, cache_read_mtok: 0.003625, output_mtok: 0.87 },
    { input_mtok: 0.66, cache_read_mtok: 0.022, output_mtok: 1.98 },
  ],
];

const DEEPSEEK: readonly PriceRule[] = DEEPSEEK_V4.flatMap(([model, flat = {}, offPeak = {}]) => [
  { providers: ['deepseek'], models: [model], until: '2026-08-17', prices: flat, source: DEEPSEEK_PRICING },
  {
    providers: ['deepseek'],
    models: [model],
    from: '2026-08-23',
    when: { weekdays: { days: [0, 6], utcOffset: 8 } },
    prices: offPeak,
    source: DEEPSEEK_PRICING,
  },
]);

export const PRICE_RULES: readonly PriceRule[] = [...OPENAI, ...ANTHROPIC, ...GOOGLE, ...DEEPSEEK];
