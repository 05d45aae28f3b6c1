import type { PriceRule } from '../price-rule.ts';
import { type OverlayModel, overlayModel } from './overlay-model.ts';

const GEMINI_PRICING = 'https://ai.google.dev/gemini-api/docs/pricing';
const VERTEX_PRICING = 'https://cloud.google.com/vertex-ai/generative-ai/pricing';

/** Models that bill a grounded answer once, however many queries it took. */
const GROUNDED_BY_PROMPT = [
  'gemini-1.5-flash',
  'gemini-1.5-pro',
  'gemini-2.0-flash',
  'gemini-2.0-flash-lite',
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-2.5-flash-preview',
  'gemini-2.5-pro',
  'gemini-live-2.5-flash',
];

/** Models that bill every search query. */
const GROUNDED_BY_QUERY = [
  'gemini-3-flash-preview',
  'gemini-3-pro-image-preview',
  'gemini-3-pro-preview',
  'gemini-3.1-flash-image-preview',
  'gemini-3.1-flash-lite',
  'gemini-3.1-flash-live-preview',
  'gemini-3.1-pro-preview',
  'gemini-3.5-flash',
  'gemini-3.5-flash-lite',
  'gemini-3.6-flash',
  'gemini-3.7-flash',
  'gemini-3.8-flash',
];

/** Claude models whose price depends on where they run. */
const CLAUDE_BY_REGION = [
  'claude-sonnet-4-5',
  'claude-opus-4-6',
  'claude-sonnet-4-6',
  'claude-opus-4-7',
  'claude-opus-4-8',
  'claude-opus-5',
  'claude-opus-5-5',
  'claude-fable-5',
  'claude-fable-5-1',
];

/** Regions and multi-regions that serve Claude; `aiplatform.googleapis.com` is the global endpoint. */
const VERTEX_REGIONS = ['us-east5', 'us-central1', 'europe-west1', 'europe-west4', 'asia-southeast1', 'asia-east1'];

export const GOOGLE_RULES: readonly PriceRule[] = [
  {
    providers: ['google'],
    when: { serviceTier: ['on_demand_flex', 'flex', 'batch'] },
    multiplier: '0.5',
    source: 'https://cloud.google.com/vertex-ai/generative-ai/docs/flex-paygo',
  },
  {
    providers: ['google'],
    when: { serviceTier: ['on_demand_priority', 'priority'] },
    multiplier: '1.8',
    source: 'https://cloud.google.com/vertex-ai/generative-ai/docs/priority-paygo',
  },
  {
    // What exceeds the reservation is on demand and says so.
    providers: ['google'],
    when: { serviceTier: ['provisioned_throughput'] },
    multiplier: '0',
    note: 'served by provisioned throughput, which is paid for by time: its tokens are not billed',
    source: 'https://cloud.google.com/vertex-ai/generative-ai/docs/provisioned-throughput/overview',
  },
  {
    providers: ['google'],
    models: GROUNDED_BY_PROMPT,
    prices: { grounded_prompts_kcount: 35 },
    source: GEMINI_PRICING,
  },
  { providers: ['google'], models: GROUNDED_BY_QUERY, prices: { web_searches_kcount: 14 }, source: GEMINI_PRICING },
  {
    providers: ['google'],
    models: CLAUDE_BY_REGION,
    when: {
      host: [
        ...VERTEX_REGIONS.map((region) => `${region}-aiplatform.googleapis.com`),
        ...['us', 'eu'].map((region) => `aiplatform.${region}.rep.googleapis.com`),
      ],
    },
    multiplier: '1.1',
    source: VERTEX_PRICING,
  },
  {
    // The catalog has the half price that holds until the end of the year for the time before it began too.
    providers: ['google'],
    models: ['gemini-3.6-flash', 'gemini-3.7-flash'],
    until: '2026-09-02',
    prices: { input_mtok: 1.5, cache_read_mtok: 0.15, output_mtok: 7.5 },
    source: GEMINI_PRICING,
  },
  {
    // The long context of these ended on Vertex with that of Anthropic, from which the catalog has the date.
    providers: ['google'],
    models: ['claude-opus-4-6'],
    from: '2026-03-13',
    prices: { input_mtok: 5, cache_write_mtok: 6.25, cache_read_mtok: 0.5, output_mtok: 25 },
    source: VERTEX_PRICING,
  },
];

/** Earlier embeddings are billed by the character, whatever tokens they report. */
export const GOOGLE_MODELS: readonly OverlayModel[] = [
  'text-embedding-004',
  'text-embedding-005',
  'text-multilingual-embedding-002',
].map((name) => overlayModel('google', name, { characters_count: 0.000000025 }, VERTEX_PRICING));
