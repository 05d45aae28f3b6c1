import type { PriceSet } from '../catalog.ts';
import { type OverlayModel, overlayModel } from './overlay-model.ts';

const OPENAI_PRICING = 'https://developers.openai.com/api/docs/pricing';
const OPENAI_DEPRECATIONS = 'https://developers.openai.com/api/docs/deprecations';
const FINE_TUNING = `${OPENAI_PRICING}#fine-tuning`;

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

type Row = readonly [names: string | readonly [string, ...string[]], prices: PriceSet, source: string];

const OTHERS: readonly Row[] = [
  [
    'gpt-6.1-sol',
    {
      input_mtok: { base: 2, tiers: [{ above: 272_000, price: 4 }] },
      cache_read_mtok: { base: 0.1, tiers: [{ above: 272_000, price: 0.2 }] },
      cache_write_mtok: { base: 2.5, tiers: [{ above: 272_000, price: 5 }] },
      output_mtok: { base: 10, tiers: [{ above: 272_000, price: 15 }] },
    },
    'https://developers.openai.com/api/docs/models/gpt-6.1-sol',
  ],
  ['davinci-002', { input_mtok: 2, output_mtok: 2 }, OPENAI_PRICING],
  ['babbage-002', { input_mtok: 0.4, output_mtok: 0.4 }, OPENAI_PRICING],
  // Every answer of these is a search, whose results are free with the older two.
  [
    ['gpt-4o-search-preview', 'gpt-4o-search-preview-2025-03-11'],
    { input_mtok: 2.5, output_mtok: 10, requests_kcount: 25 },
    OPENAI_PRICING,
  ],
  [
    ['gpt-4o-mini-search-preview', 'gpt-4o-mini-search-preview-2025-03-11'],
    { input_mtok: 0.15, output_mtok: 0.6, requests_kcount: 25 },
    OPENAI_PRICING,
  ],
  [
    ['gpt-5-search-api', 'gpt-5-search-api-2025-10-14'],
    { input_mtok: 1.25, cache_read_mtok: 0.125, output_mtok: 10, requests_kcount: 10 },
    OPENAI_PRICING,
  ],
  // The first audio snapshots cost more than those after them.
  [
    'gpt-4o-audio-preview-2024-10-01',
    { input_mtok: 2.5, output_mtok: 10, input_audio_mtok: 100, output_audio_mtok: 200 },
    OPENAI_DEPRECATIONS,
  ],
  [
    'gpt-4o-realtime-preview-2024-10-01',
    {
      input_mtok: 5,
      cache_read_mtok: 2.5,
      output_mtok: 20,
      input_audio_mtok: 100,
      cache_audio_read_mtok: 20,
      output_audio_mtok: 200,
    },
    OPENAI_DEPRECATIONS,
  ],
  [['tts-1', 'tts-1-1106'], { characters_count: 0.000015 }, OPENAI_PRICING],
  [['tts-1-hd', 'tts-1-hd-1106'], { characters_count: 0.00003 }, OPENAI_PRICING],
  ['dall-e-2', { images_count: 0.02 }, OPENAI_PRICING],
  ['dall-e-3', { images_count: 0.04 }, OPENAI_PRICING],
  [
    'chatgpt-image-latest',
    {
      input_mtok: 5,
      cache_read_mtok: 1.25,
      output_mtok: 10,
      input_image_mtok: 8,
      cache_image_read_mtok: 2,
      output_image_mtok: 32,
    },
    OPENAI_PRICING,
  ],
  ...['omni-moderation-latest', 'omni-moderation-2024-09-26', 'text-moderation-latest', 'text-moderation-stable'].map(
    (name): Row => [name, {}, 'https://developers.openai.com/api/docs/guides/moderation'],
  ),
];

export const OPENAI_MODELS: readonly OverlayModel[] = [
  ...FINE_TUNED.map(([name, prices]) => overlayModel('openai', name, prices, FINE_TUNING)),
  ...OTHERS.map(([names, prices, source]) => overlayModel('openai', names, prices, source)),
];
