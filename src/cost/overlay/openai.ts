import type { PriceRule } from '../price-rule.ts';
import { O3_PRICE_CUT, OPENAI_TIER_RULES } from './openai-tiers.ts';

const OPENAI_PRICING = 'https://developers.openai.com/api/docs/pricing';
const IMAGE_PRICES = `${OPENAI_PRICING}#image-generation`;

export const OPENAI_RULES: readonly PriceRule[] = [
  ...OPENAI_TIER_RULES,
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
  {
    // The first version of the search tool; with models that do not reason it costs more, and what it finds is free.
    providers: ['openai'],
    models: ['gpt-4o', 'gpt-4o-2024-05-13', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini'],
    prices: { web_search_previews_kcount: 25 },
    source: `${OPENAI_PRICING}#built-in-tools`,
  },
  // Fine-tuned models whose snapshot is not listed by itself.
  ...[
    { models: ['ft:gpt-4o'], prices: { cache_read_mtok: 1.875 } },
    { models: ['ft:gpt-4o-mini', 'gpt-4o-mini-2024-07-18.ft-'], prices: { cache_read_mtok: 0.15 } },
  ].map((row) => ({ providers: ['openai'], ...row, source: `${OPENAI_PRICING}#fine-tuning` })),
  // What these make is images or audio, at the one price of output that the catalog has.
  ...[
    { models: ['gpt-image-1'], prices: { output_image_mtok: 40 } },
    { models: ['gpt-image-1-mini'], prices: { output_image_mtok: 8 } },
    { models: ['gpt-image-2'], prices: { output_image_mtok: 30 } },
    { models: ['gpt-4o-mini-tts'], prices: { output_audio_mtok: 12 } },
  ].map((row) => ({ providers: ['openai'], ...row, source: OPENAI_PRICING })),
  // DALL·E by the image; the models have the price of a square one of standard quality.
  ...[
    { size: ['1024x1792', '1792x1024'], quality: ['standard'], price: 0.08 },
    { size: ['1024x1024'], quality: ['hd'], price: 0.08 },
    { size: ['1024x1792', '1792x1024'], quality: ['hd'], price: 0.12 },
  ].map(({ size, quality, price }) => ({
    providers: ['openai'],
    models: ['dall-e-3'],
    when: { imageSize: size, imageQuality: quality },
    prices: { images_count: price },
    source: IMAGE_PRICES,
  })),
  ...[
    { size: '512x512', price: 0.018 },
    { size: '256x256', price: 0.016 },
  ].map(({ size, price }) => ({
    providers: ['openai'],
    models: ['dall-e-2'],
    when: { imageSize: [size] },
    prices: { images_count: price },
    source: IMAGE_PRICES,
  })),
];
