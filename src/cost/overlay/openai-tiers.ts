import type { PriceRule } from '../price-rule.ts';

const OPENAI_PRICING = 'https://developers.openai.com/api/docs/pricing';

export const O3_PRICE_CUT = '2025-06-10';

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

/** Batch, flex and priority, by the tier that served the call. */
export const OPENAI_TIER_RULES: readonly PriceRule[] = [
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
];
