import type { CatalogModel, PriceSet } from '../catalog.ts';
import type { PriceRule } from '../price-rule.ts';
import type { OverlayModel } from './overlay-model.ts';

const PRICING = 'https://api-docs.deepseek.com/quick_start/pricing';
const NEWS = 'https://api-docs.deepseek.com/news/';

/** Since 2025-02-26 and until 2025-09-05, the nights of Beijing were cheaper. */
const DAY = ['00:30', '16:30'] as const;
const NIGHT_PRICES = { input_mtok: 0.135, cache_read_mtok: 0.035, output_mtok: 0.55 };
const CHAT = { input_mtok: 0.27, cache_read_mtok: 0.07, output_mtok: 1.1 };
const REASONER = { input_mtok: 0.55, cache_read_mtok: 0.14, output_mtok: 2.19 };

/** What both names stood for later: V3.1, V3.2 and, until they were retired, V4 Flash. */
const SINCE_V3_1: CatalogModel['eras'] = [
  { from: '2025-09-05T16:00Z', prices: { input_mtok: 0.56, cache_read_mtok: 0.07, output_mtok: 1.68 } },
  { from: '2025-09-29', prices: { input_mtok: 0.28, cache_read_mtok: 0.028, output_mtok: 0.42 } },
  { from: '2026-04-24', prices: { input_mtok: 0.14, cache_read_mtok: 0.028, output_mtok: 0.28 } },
  { from: '2026-04-26T12:15Z', prices: { input_mtok: 0.14, cache_read_mtok: 0.0028, output_mtok: 0.28 } },
];

export const DEEPSEEK_MODELS: readonly OverlayModel[] = [
  {
    provider: 'deepseek',
    id: 'deepseek-chat',
    names: ['deepseek-chat'],
    eras: [
      { prices: { input_mtok: 0.14, cache_read_mtok: 0.014, output_mtok: 0.28 } },
      { from: '2025-02-08T16:00Z', prices: CHAT },
      { from: '2025-02-26T16:30Z', prices: NIGHT_PRICES },
      { from: '2025-02-26T16:30Z', hours: DAY, prices: CHAT },
      ...SINCE_V3_1,
    ],
    source: NEWS,
  },
  {
    provider: 'deepseek',
    id: 'deepseek-reasoner',
    names: ['deepseek-reasoner'],
    eras: [
      { prices: REASONER },
      { from: '2025-02-26T16:30Z', prices: NIGHT_PRICES },
      { from: '2025-02-26T16:30Z', hours: DAY, prices: REASONER },
      ...SINCE_V3_1,
    ],
    source: NEWS,
  },
];

interface V4Prices {
  model: string;
  /** Until 2026-08-17, at every hour. */
  flat: PriceSet;
  /** At weekends since 2026-08-23. */
  offPeak: PriceSet;
}

/**
 * Peak prices, which the catalog states as the plain ones of two daily windows, hold neither before 2026-08-17 nor,
 * since 2026-08-23, at weekends (Beijing time). An all-day era cannot say so.
 */
const V4: readonly V4Prices[] = [
  {
    model: 'deepseek-v4-flash',
    flat: { input_mtok: 0.14, cache_read_mtok: 0.0028, output_mtok: 0.28 },
    offPeak: { input_mtok: 0.22, cache_read_mtok: 0.007, output_mtok: 0.66 },
  },
  {
    model: 'deepseek-v4-pro',
    flat: { input_mtok: 0.435, cache_read_mtok: 0.003625, output_mtok: 0.87 },
    offPeak: { input_mtok: 0.66, cache_read_mtok: 0.022, output_mtok: 1.98 },
  },
];

export const DEEPSEEK_RULES: readonly PriceRule[] = V4.flatMap(({ model, flat, offPeak }) => [
  { providers: ['deepseek'], models: [model], until: '2026-08-17', prices: flat, source: PRICING },
  {
    providers: ['deepseek'],
    models: [model],
    from: '2026-08-23',
    when: { weekdays: { days: [0, 6], utcOffset: 8 } },
    prices: offPeak,
    source: PRICING,
  },
]);
