/** Vendors of which a few rows are all there is to say. */
import type { PriceSet } from '../catalog.ts';
import type { PriceRule } from '../price-rule.ts';
import { type OverlayModel, overlayModel } from './overlay-model.ts';

const COHERE_PRICING = 'https://cohere.com/pricing';
const GROQ_PRICING = 'https://groq.com/pricing';
const MISTRAL_PRICING = 'https://mistral.ai/pricing';
const PERPLEXITY_PRICING = 'https://docs.perplexity.ai/getting-started/pricing';
const VOYAGE_PRICING = 'https://docs.voyageai.com/docs/pricing';
const ZAI_PRICING = 'https://docs.z.ai/guides/overview/pricing';
const XAI_PRICING = 'https://docs.x.ai/developers/pricing';

/** A request's fee by the size of its search context; the catalog has that of the largest. USD for a thousand. */
const PERPLEXITY_REQUESTS: readonly (readonly [models: readonly string[], low: number, medium: number])[] = [
  [['sonar', 'sonar-reasoning'], 5, 8],
  [['sonar-pro', 'sonar-reasoning-pro'], 6, 10],
];

export const VENDOR_RULES: readonly PriceRule[] = [
  ...PERPLEXITY_REQUESTS.flatMap(([models, low, medium]) =>
    [
      { size: 'low', price: low },
      { size: 'medium', price: medium },
    ].map(({ size, price }) => ({
      providers: ['perplexity'],
      models,
      when: { searchContext: [size] },
      prices: { requests_kcount: price },
      source: PERPLEXITY_PRICING,
    })),
  ),
  {
    // xAI states what it bills; this is for spans that do not carry it.
    providers: ['x-ai'],
    prices: { web_searches_kcount: 5, storage_searches_kcount: 2.5 },
    source: XAI_PRICING,
  },
  {
    providers: ['x-ai'],
    models: ['grok-4.20-multi-agent'],
    prices: {
      input_mtok: { base: 1.25, tiers: [{ above: 199_999, price: 2.5 }] },
      cache_read_mtok: { base: 0.2, tiers: [{ above: 199_999, price: 0.4 }] },
      output_mtok: { base: 2.5, tiers: [{ above: 199_999, price: 5 }] },
    },
    source: XAI_PRICING,
  },
  { providers: ['groq'], when: { serviceTier: ['batch'] }, multiplier: '0.5', source: GROQ_PRICING },
  // Higher limits at the price of the standard tier.
  {
    providers: ['groq'],
    when: { serviceTier: ['flex'] },
    multiplier: '1',
    source: 'https://console.groq.com/docs/service-tiers',
  },
  { providers: ['mistral'], when: { serviceTier: ['batch'] }, multiplier: '0.5', source: MISTRAL_PRICING },
  {
    providers: ['mistral'],
    cachedInput: '0.1',
    source: 'https://docs.mistral.ai/studio-api/conversations/advanced/prompt-caching',
  },
];

type Row = readonly [
  provider: string,
  names: string | readonly [string, ...string[]],
  prices: PriceSet,
  source: string,
];

const MODELS: readonly Row[] = [
  // A search unit: one query with up to a hundred documents.
  ...['rerank-v3.5', 'rerank-english-v3.0', 'rerank-multilingual-v3.0', 'rerank-v4.0-fast'].map((name): Row => [
    'cohere',
    name,
    { search_units_count: 0.002 },
    COHERE_PRICING,
  ]),
  ['cohere', 'rerank-v4.0-pro', { search_units_count: 0.0025 }, COHERE_PRICING],
  ...['embed-english-v3.0', 'embed-multilingual-v3.0', 'embed-english-light-v3.0', 'embed-multilingual-light-v3.0'].map(
    (name): Row => ['cohere', name, { input_mtok: 0.1 }, COHERE_PRICING],
  ),
  ['cohere', 'command-r-03-2024', { input_mtok: 0.5, output_mtok: 1.5 }, COHERE_PRICING],
  ['cohere', 'command-r-plus-04-2024', { input_mtok: 3, output_mtok: 15 }, COHERE_PRICING],
  ['mistral', ['codestral-embed', 'codestral-embed-2505'], { input_mtok: 0.15 }, MISTRAL_PRICING],
  [
    'groq',
    'openai/gpt-oss-safeguard-20b',
    { input_mtok: 0.075, cache_read_mtok: 0.037, output_mtok: 0.3 },
    GROQ_PRICING,
  ],
  ['mistral', 'mistral-small-2506', { input_mtok: 0.1, output_mtok: 0.3 }, MISTRAL_PRICING],
  ['mistral', 'mistral-large-2402', { input_mtok: 4, output_mtok: 12 }, MISTRAL_PRICING],
  ...['glm-4.7', 'glm-4.6', 'glm-4.5'].map((name): Row => [
    'zai',
    name,
    { input_mtok: 0.6, cache_read_mtok: 0.11, output_mtok: 2.2 },
    ZAI_PRICING,
  ]),
  ['zai', 'glm-4.6v', { input_mtok: 0.3, cache_read_mtok: 0.05, output_mtok: 0.9 }, ZAI_PRICING],
  ['voyageai', 'rerank-2.5', { input_mtok: 0.05 }, VOYAGE_PRICING],
  ['voyageai', 'rerank-2.5-lite', { input_mtok: 0.02 }, VOYAGE_PRICING],
  ['voyageai', 'rerank-2', { input_mtok: 0.05 }, VOYAGE_PRICING],
  ['voyageai', 'rerank-2-lite', { input_mtok: 0.02 }, VOYAGE_PRICING],
  [
    'x-ai',
    ['grok-4.7', 'grok-4.7-latest'],
    {
      input_mtok: { base: 2, tiers: [{ above: 199_999, price: 4 }] },
      cache_read_mtok: { base: 0.5, tiers: [{ above: 199_999, price: 1 }] },
      output_mtok: { base: 6, tiers: [{ above: 199_999, price: 12 }] },
    },
    XAI_PRICING,
  ],
  [
    'x-ai',
    ['grok-4.20-0309-reasoning', 'grok-4.20-0309-non-reasoning'],
    {
      input_mtok: { base: 1.25, tiers: [{ above: 199_999, price: 2.5 }] },
      cache_read_mtok: { base: 0.2, tiers: [{ above: 199_999, price: 0.4 }] },
      output_mtok: { base: 2.5, tiers: [{ above: 199_999, price: 5 }] },
    },
    XAI_PRICING,
  ],
];

export const VENDOR_MODELS: readonly OverlayModel[] = [
  ...MODELS.map((row) => overlayModel(...row)),
  {
    provider: 'mistral',
    id: 'mistral-large-latest',
    names: ['mistral-large-latest'],
    eras: [
      { prices: { input_mtok: 2, output_mtok: 6 } },
      { from: '2025-12-02', prices: { input_mtok: 0.5, cache_read_mtok: 0.05, output_mtok: 1.5 } },
    ],
    source: 'https://docs.mistral.ai/getting-started/changelog',
  },
];
