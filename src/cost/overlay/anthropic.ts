import type { PriceRule } from '../price-rule.ts';
import type { OverlayModel } from './overlay-model.ts';

const ANTHROPIC_PRICING = 'https://platform.claude.com/docs/en/about-claude/pricing';
const ANTHROPIC_TIERS = 'https://platform.claude.com/docs/en/api/service-tiers';

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

export const ANTHROPIC_RULES: readonly PriceRule[] = [
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
  {
    // Of the models with a million tokens of context, the catalog has the price of long prompts for later ones only.
    providers: ['anthropic'],
    models: ['claude-sonnet-4-0'],
    prices: {
      input_mtok: { base: 3, tiers: [{ above: 200_000, price: 6 }] },
      cache_write_mtok: { base: 3.75, tiers: [{ above: 200_000, price: 7.5 }] },
      cache_write_1h_mtok: { base: 6, tiers: [{ above: 200_000, price: 12 }] },
      cache_read_mtok: { base: 0.3, tiers: [{ above: 200_000, price: 0.6 }] },
      output_mtok: { base: 15, tiers: [{ above: 200_000, price: 22.5 }] },
    },
    source: `${ANTHROPIC_PRICING}#long-context-pricing`,
  },
];

const SONNET_5_5 = { input_mtok: 2, cache_write_mtok: 2.5, cache_write_1h_mtok: 4, output_mtok: 10 };
const MYTHOS = { input_mtok: 10, cache_write_mtok: 12.5, cache_write_1h_mtok: 20, output_mtok: 50 };
const CLAUDE_FEES = { web_searches_kcount: 10 };

/** Released after the catalog. */
export const ANTHROPIC_MODELS: readonly OverlayModel[] = [
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
