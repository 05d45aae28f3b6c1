import type { PriceSet } from '../catalog.ts';
import type { PriceRule } from '../price-rule.ts';
import { type OverlayModel, overlayModel } from './overlay-model.ts';

const BEDROCK_PRICING = 'https://aws.amazon.com/bedrock/pricing/';

/** Sonnet 4.5 with a long prompt, by inference profile; the catalog has the price of short ones. */
const LONG_CONTEXT: readonly (readonly [model: string, prices: PriceSet])[] = [
  [
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    {
      input_mtok: { base: 3, tiers: [{ above: 200_000, price: 6 }] },
      cache_write_mtok: { base: 3.75, tiers: [{ above: 200_000, price: 7.5 }] },
      cache_read_mtok: { base: 0.3, tiers: [{ above: 200_000, price: 0.6 }] },
      output_mtok: { base: 15, tiers: [{ above: 200_000, price: 22.5 }] },
    },
  ],
  [
    'regional.anthropic.claude-sonnet-4-5-20250929-v1:0',
    {
      input_mtok: { base: 3.3, tiers: [{ above: 200_000, price: 6.6 }] },
      cache_write_mtok: { base: 4.125, tiers: [{ above: 200_000, price: 8.25 }] },
      cache_read_mtok: { base: 0.33, tiers: [{ above: 200_000, price: 0.66 }] },
      output_mtok: { base: 16.5, tiers: [{ above: 200_000, price: 24.75 }] },
    },
  ],
];

export const BEDROCK_RULES: readonly PriceRule[] = [
  {
    providers: ['aws'],
    when: { serviceTier: ['batch', 'flex'] },
    multiplier: '0.5',
    source: BEDROCK_PRICING,
  },
  { providers: ['aws'], when: { serviceTier: ['priority'] }, multiplier: '1.75', source: BEDROCK_PRICING },
  {
    // What exceeds the reservation is served by the standard tier and says so.
    providers: ['aws'],
    when: { serviceTier: ['reserved'] },
    multiplier: '0',
    note: 'served by reserved capacity, which is paid for by time: its tokens are not billed',
    source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/service-tiers-inference.html',
  },
  ...LONG_CONTEXT.map(([model, prices]) => ({
    providers: ['aws'],
    models: [model],
    prices,
    source: BEDROCK_PRICING,
  })),
];

/** Cached input costs a quarter of the price of input everywhere. */
const NOVA_BY_GEOGRAPHY: readonly (readonly [name: string, input: number, output: number])[] = [
  ['eu.amazon.nova-lite-v1:0', 0.078, 0.312],
  ['eu.amazon.nova-micro-v1:0', 0.046, 0.184],
  ['eu.amazon.nova-pro-v1:0', 1.05, 4.2],
  ['apac.amazon.nova-lite-v1:0', 0.063, 0.252],
  ['apac.amazon.nova-micro-v1:0', 0.037, 0.148],
  ['apac.amazon.nova-pro-v1:0', 0.84, 3.36],
];

const GEOGRAPHIC: readonly (readonly [name: string, input: number, output: number])[] = [
  ['eu.meta.llama3-2-1b-instruct-v1:0', 0.13, 0.13],
  ['eu.meta.llama3-2-3b-instruct-v1:0', 0.19, 0.19],
];

const MODELS: readonly (readonly [name: string, prices: PriceSet])[] = [
  ['anthropic.claude-v2', { input_mtok: 8, output_mtok: 24 }],
  ['anthropic.claude-v2:1', { input_mtok: 8, output_mtok: 24 }],
  ['anthropic.claude-instant-v1', { input_mtok: 0.8, output_mtok: 2.4 }],
  [
    'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0',
    { input_mtok: 3.6, cache_write_mtok: 4.5, cache_read_mtok: 0.36, output_mtok: 18 },
  ],
  ['ai21.j2-mid-v1', { input_mtok: 12.5, output_mtok: 12.5 }],
  ['ai21.j2-ultra-v1', { input_mtok: 18.8, output_mtok: 18.8 }],
  ['ai21.jamba-1-5-large-v1:0', { input_mtok: 2, output_mtok: 8 }],
  ['ai21.jamba-1-5-mini-v1:0', { input_mtok: 0.2, output_mtok: 0.4 }],
  ['cohere.command-text-v14', { input_mtok: 1.5, output_mtok: 2 }],
  ['cohere.command-light-text-v14', { input_mtok: 0.3, output_mtok: 0.6 }],
  ['cohere.command-r-v1:0', { input_mtok: 0.5, output_mtok: 1.5 }],
  ['cohere.command-r-plus-v1:0', { input_mtok: 3, output_mtok: 15 }],
  ['meta.llama2-13b-chat-v1', { input_mtok: 0.75, output_mtok: 1 }],
  ['meta.llama2-70b-chat-v1', { input_mtok: 1.95, output_mtok: 2.56 }],
  ['minimax.minimax-m2', { input_mtok: 0.3, output_mtok: 1.2 }],
  ['moonshot.kimi-k2-thinking', { input_mtok: 0.6, output_mtok: 2.5 }],
  // Nova and Llama cost more in some geographies; of the others the catalog has the one price.
  ...GEOGRAPHIC.map(([name, input, output]): [string, PriceSet] => [name, { input_mtok: input, output_mtok: output }]),
  ...NOVA_BY_GEOGRAPHY.map(([name, input, output]): [string, PriceSet] => [
    name,
    { input_mtok: input, cache_read_mtok: Number((input / 4).toPrecision(6)), output_mtok: output },
  ]),
  ['amazon.titan-embed-text-v2:0', { input_mtok: 0.02 }],
  ['cohere.embed-english-v3', { input_mtok: 0.1 }],
  ['cohere.embed-multilingual-v3', { input_mtok: 0.1 }],
  ['cohere.embed-v4:0', { input_mtok: 0.12 }],
  ['cohere.rerank-v3-5:0', { search_units_count: 0.002 }],
  ['amazon.rerank-v1:0', { search_units_count: 0.001 }],
];

export const BEDROCK_MODELS: readonly OverlayModel[] = MODELS.map(([name, prices]) =>
  overlayModel('aws', name, prices, BEDROCK_PRICING),
);
