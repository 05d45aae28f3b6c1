import type { CatalogModel, PriceSet } from './catalog.ts';

/** A model that the catalog lacks or prices in part. */
export interface OverlayModel extends CatalogModel {
  provider: string;
  source: string;
}

const OPENAI_PRICING = 'https://developers.openai.com/api/docs/pricing';
const ANTHROPIC_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const OPENAI_DEPRECATIONS = 'https://developers.openai.com/api/docs/deprecations';
const FINE_TUNING = 'https://developers.openai.com/api/docs/pricing#fine-tuning';

/** Inference with a fine-tuned model costs more than with its base. The names end before the organisation. */
const FINE_TUNED: readonly (readonly [name: string, prices: PriceSet])[] = [
  ['ft:gpt-4.1-2025-04-14', { input_mtok: 3, cache_read_mtok: 0.75, output_mtok: 12 }],
  ['ft:gpt-4.1-mini-2025-04-14', { input_mtok: 0.8, cache_read_mtok: 0.2, output_mtok: 3.2 }],
  ['ft:gpt-4.1-nano-2025-04-14', { input_mtok: 0.2, cache_read_mtok: 0.05, output_mtok: 0.8 }],
  ['ft:o4-mini-2025-04-16', { input_mtok: 4, cache_read_mtok: 1, output_mtok: 16 }],
  ['ft:gpt-4o-2024-08-06', { input_mtok: 3.75, cache_read_mtok: 1.875, output_mtok: 15 }],
  ['ft:gpt-4o-mini-2024-07-18', { input_mtok: 0.3, cache_read_mtok: 0.15, output_mtok: 1.2 }],
  ['ft:davinci-002', { input_mtok: 12, output_mtok: 12 }],
  ['ft:babbage-002', { input_mtok: 1.6, output_mtok: 1.6 }],
];

const SONNET_5_5 = { input_mtok: 2, cache_write_mtok: 2.5, cache_write_1h_mtok: 4, output_mtok: 10 };
const MYTHOS = { input_mtok: 10, cache_write_mtok: 12.5, cache_write_1h_mtok: 20, output_mtok: 50 };
const CLAUDE_FEES = { web_searches_kcount: 10 };

/** Released after the catalog. */
const CLAUDE: readonly OverlayModel[] = [
  {
    provider: 'anthropic',
    id: 'claude-sonnet-5-5',
    names: ['claude-sonnet-5-5', 'claude-sonnet-5.5'],
    eras: [
      { prices: { ...SONNET_5_5, ...CLAUDE_FEES, cache_read_mtok: 0.2 } },
      { from: '2026-10-07', prices: { ...SONNET_5_5, ...CLAUDE_FEES, cache_read_mtok: 0.1 } },
    ],
    source: 'https://www.anthropic.com/claude-haiku-5-5',
  },
  {
    provider: 'anthropic',
    id: 'claude-haiku-5-5',
    names: ['claude-haiku-5-5', 'claude-haiku-5.5'],
    eras: [
      {
        prices: {
          ...CLAUDE_FEES,
          input_mtok: { base: 0.1, tiers: [{ above: 100_000, price: 0.5 }] },
          cache_write_mtok: { base: 0.125, tiers: [{ above: 100_000, price: 0.625 }] },
          cache_write_1h_mtok: { base: 0.2, tiers: [{ above: 100_000, price: 1 }] },
          cache_read_mtok: { base: 0.01, tiers: [{ above: 100_000, price: 0.05 }] },
          output_mtok: { base: 0.5, tiers: [{ above: 100_000, price: 2.5 }] },
        },
      },
    ],
    source: ANTHROPIC_PRICING,
  },
  {
    provider: 'anthropic',
    id: 'claude-mythos-5',
    names: ['claude-mythos-5'],
    eras: [{ prices: { ...MYTHOS, ...CLAUDE_FEES, cache_read_mtok: 1 } }],
    source: ANTHROPIC_PRICING,
  },
  {
    provider: 'anthropic',
    id: 'claude-mythos-5-1',
    names: ['claude-mythos-5-1', 'claude-mythos-5.1'],
    eras: [{ prices: { ...MYTHOS, ...CLAUDE_FEES, cache_read_mtok: 0.25 } }],
    source: ANTHROPIC_PRICING,
  },
];

/** Looked up before the catalog. */
export const OVERLAY_MODELS: readonly OverlayModel[] = [
  ...CLAUDE,
  ...FINE_TUNED.map(([name, prices]) => model(name, prices, FINE_TUNING)),
  // The first audio snapshots cost more than those after them.
  model(
    'gpt-4o-audio-preview-2024-10-01',
    { input_mtok: 2.5, output_mtok: 10, input_audio_mtok: 100, output_audio_mtok: 200 },
    OPENAI_DEPRECATIONS,
  ),
  ...['omni-moderation-latest', 'omni-moderation-2024-09-26', 'text-moderation-latest', 'text-moderation-stable'].map(
    (name) => model(name, {}, 'https://developers.openai.com/api/docs/guides/moderation'),
  ),
  model(
    'gpt-6.1-sol',
    {
      input_mtok: { base: 2, tiers: [{ above: 272_000, price: 4 }] },
      cache_read_mtok: { base: 0.1, tiers: [{ above: 272_000, price: 0.2 }] },
      cache_write_mtok: { base: 2.5, tiers: [{ above: 272_000, price: 5 }] },
      output_mtok: { base: 10, tiers: [{ above: 272_000, price: 15 }] },
    },
    'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
  ),
  model('davinci-002', { input_mtok: 2, output_mtok: 2 }, OPENAI_PRICING),
  model('babbage-002', { input_mtok: 0.4, output_mtok: 0.4 }, OPENAI_PRICING),
];

function model(name: string, prices: PriceSet, source: string): OverlayModel {
  return { provider: 'openai', id: name, names: [name], eras: [{ prices }], source };
}
