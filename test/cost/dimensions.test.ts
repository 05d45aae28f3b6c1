import { describe, expect, test } from 'vitest';
import { type PriceInput, priceCall } from '../../src/cost/price.ts';
import { formatUsd } from '../../src/model/money.ts';
import type { ReportedUsage } from '../../src/model/reported-usage.ts';
import type { UsageBucket } from '../../src/model/usage.ts';

/** What is billed besides plain tokens, each with prices of the page named above it. */

type Buckets = { [K in UsageBucket]?: number };
type Facts = Partial<ReportedUsage> & Pick<PriceInput, 'serverAddress' | 'parameters'> & { when?: string };

const million = 1_000_000;

function priced(provider: string, model: string, buckets: Buckets, facts: Facts): ReturnType<typeof priceCall> {
  const { when = '2026-11-18T12:00:00Z', serverAddress, parameters, ...reported } = facts;
  return priceCall({
    provider,
    requestModel: model,
    parts: [{ usage: { ...buckets, total: Object.values(buckets).reduce((a, b) => a + b, 0) } }],
    reported: {
      inputIncludes: { cacheRead: false, cacheWrite: false },
      outputIncludes: { reasoning: false },
      serviceTier: 'default',
      ...reported,
    },
    when: new Date(when),
    ...(serverAddress !== undefined && { serverAddress }),
    ...(parameters && { parameters }),
  });
}

function usd(...[provider, model, buckets, facts]: Parameters<typeof priced>): string {
  const pricing = priced(provider, model, buckets, facts);
  if ('unpriced' in pricing) throw new Error(pricing.unpriced.message);
  return formatUsd(pricing.cost.total);
}

type Row = [provider: string, model: string, buckets: Buckets, facts: Facts, expected: string];

function size(imageSize: string, quality?: string): Facts {
  return { units: { images: 1 }, parameters: { other: { size: imageSize, ...(quality && { quality }) } } };
}

describe('OpenAI', () => {
  // https://developers.openai.com/api/docs/pricing
  test.each<Row>([
    ['openai', 'gpt-4.1', { input: 0 }, { serverTools: { web_search_preview_requests: 2 } }, '0.05'],
    ['openai', 'gpt-5', { input: 0 }, { serverTools: { web_search_preview_requests: 2 } }, '0.02'],
    ['openai', 'gpt-4.1', { input: 0 }, { serverTools: { web_search_requests: 2 } }, '0.02'],
    ['openai', 'gpt-4o-search-preview-2025-03-11', { input: 1000, output: 100 }, {}, '0.0285'],
    ['openai', 'gpt-4o-mini-search-preview', { input: 1000 }, {}, '0.02515'],
    ['openai', 'gpt-5-search-api', { input: 1000 }, {}, '0.01125'],
    ['openai', 'gpt-5.4', { input: 1000 }, { serverAddress: 'eu.api.openai.com' }, '0.00275'],
    ['openai', 'gpt-5.2', { input: 1000 }, { serverAddress: 'eu.api.openai.com' }, '0.00175'],
    ['openai', 'ft:gpt-4o-2024-11-20:acme::1', { input_cached_tokens: million }, {}, '1.875'],
    ['openai', 'gpt-realtime', { input_audio_tokens: 1000, input_cached_audio_tokens: 1000 }, {}, '0.0324'],
    ['openai', 'gpt-4o-realtime-preview-2024-10-01', { output_audio_tokens: 1000 }, {}, '0.2'],
    ['openai', 'gpt-image-1', { input: 100, input_image_tokens: 1000, output_image_tokens: 1000 }, {}, '0.0505'],
    ['openai', 'gpt-image-1.5', { input_cached_image_tokens: 1000, output_image_tokens: 1000 }, {}, '0.034'],
    ['openai', 'gpt-4o-transcribe', { input_audio_tokens: 1000, output: 100 }, {}, '0.007'],
    ['openai', 'gpt-4o-mini-tts', { input: 1000, output_audio_tokens: 1000 }, {}, '0.0126'],
    ['openai', 'gpt-5.6-sol', { input_cache_creation: 1000 }, { serviceTier: 'priority' }, '0.01'],
    ['openai', 'text-embedding-3-large', { input: million }, { serviceTier: 'batch' }, '0.065'],
    ['openai', 'whisper-1', {}, { units: { seconds: 90 } }, '0.009'],
    ['openai', 'whisper-1', {}, { units: { seconds: 1.5 } }, '0.00015'],
    ['openai', 'tts-1', {}, { units: { characters: 1000 } }, '0.015'],
    ['openai', 'tts-1-hd', {}, { units: { characters: 1000 } }, '0.03'],
    ['openai', 'dall-e-3', {}, size('1024x1024'), '0.04'],
    ['openai', 'dall-e-3', {}, size('1792x1024'), '0.08'],
    ['openai', 'dall-e-3', {}, size('1024x1024', 'hd'), '0.08'],
    ['openai', 'dall-e-3', {}, size('1024x1792', 'hd'), '0.12'],
    ['openai', 'dall-e-2', {}, size('256x256'), '0.016'],
  ])('%s %s %o %o', (provider, model, buckets, facts, expected) => {
    expect(usd(provider, model, buckets, facts)).toBe(expected);
  });
});

describe('Google', () => {
  // https://ai.google.dev/gemini-api/docs/pricing and https://cloud.google.com/vertex-ai/generative-ai/pricing
  test.each<Row>([
    ['gcp.gemini', 'gemini-2.5-pro', { input: 200_000 }, {}, '0.25'],
    ['gcp.gemini', 'gemini-2.5-pro', { input: 200_001 }, {}, '0.5000025'],
    ['gcp.vertex_ai', 'gemini-2.5-pro', { input: 1000 }, { serviceTier: 'ON_DEMAND_PRIORITY' }, '0.00225'],
    ['gcp.vertex_ai', 'gemini-2.5-pro', { input: 1000 }, { serviceTier: 'PROVISIONED_THROUGHPUT' }, '0'],
    ['gcp.gemini', 'gemini-2.5-flash', { output_reasoning_tokens: million }, { serviceTier: 'batch' }, '1.25'],
    ['gcp.gemini', 'gemini-2.5-flash-image', { output_image_tokens: 1290 }, {}, '0.0387'],
    ['gcp.gemini', 'gemini-2.5-flash', { input: 0 }, { serverTools: { web_search_requests: 3 } }, '0.035'],
    ['gcp.gemini', 'gemini-3-flash-preview', { input: 0 }, { serverTools: { web_search_requests: 3 } }, '0.042'],
    ['gcp.gemini', 'gemini-embedding-001', { input: million }, {}, '0.15'],
    ['gcp.vertex_ai', 'text-embedding-005', { input: 100 }, { units: { characters: 1000 } }, '0.000025'],
    [
      'gcp.vertex_ai',
      'claude-sonnet-4-5@20250929',
      { input: 1000 },
      { serverAddress: 'us-east5-aiplatform.googleapis.com' },
      '0.0033',
    ],
    [
      'gcp.vertex_ai',
      'claude-sonnet-4-5@20250929',
      { input: 1000 },
      { serverAddress: 'aiplatform.googleapis.com' },
      '0.003',
    ],
  ])('%s %s %o %o', (provider, model, buckets, facts, expected) => {
    expect(usd(provider, model, buckets, facts)).toBe(expected);
  });

  test('tokens of provisioned throughput are said to be paid for otherwise', () => {
    const pricing = priced('gcp.vertex_ai', 'gemini-2.5-pro', { input: 1 }, { serviceTier: 'PROVISIONED_THROUGHPUT' });
    expect('cost' in pricing && pricing.cost.assumptions).toEqual([
      'served by provisioned throughput, which is paid for by time: its tokens are not billed',
    ]);
  });
});

describe('Bedrock', () => {
  const sonnet = 'anthropic.claude-sonnet-4-5-20250929-v1:0';

  // https://aws.amazon.com/bedrock/pricing/
  test.each<Row>([
    ['aws.bedrock', `us.${sonnet}`, { input_cache_creation_1h: 100_000 }, {}, '0.66'],
    ['aws.bedrock', `global.${sonnet}`, { input_cache_creation_1h: 100_000 }, {}, '0.6'],
    ['aws.bedrock', `eu.${sonnet}`, { input: 1000 }, { serviceTier: 'batch' }, '0.00165'],
    ['aws.bedrock', `global.${sonnet}`, { input: 200_001 }, {}, '1.200006'],
    ['aws.bedrock', 'openai.gpt-oss-120b-1:0', { output: million }, { serviceTier: 'flex' }, '0.3'],
    ['aws.bedrock', 'openai.gpt-oss-120b-1:0', { output: million }, { serviceTier: 'priority' }, '1.05'],
    ['aws.bedrock', 'openai.gpt-oss-120b-1:0', { output: million }, { serviceTier: 'reserved' }, '0'],
    ['aws.bedrock', 'amazon.titan-embed-text-v2:0', { input: million }, {}, '0.02'],
    ['aws.bedrock', 'amazon.titan-embed-text-v1', { input: million }, {}, '0.1'],
    ['aws.bedrock', 'cohere.rerank-v3-5:0', {}, { units: { search_units: 1 } }, '0.002'],
  ])('%s %s %o %o', (provider, model, buckets, facts, expected) => {
    expect(usd(provider, model, buckets, facts)).toBe(expected);
  });
});

describe('others', () => {
  test.each<Row>([
    // https://cohere.com/pricing
    ['cohere', 'rerank-v3.5', {}, { units: { search_units: 3 } }, '0.006'],
    ['cohere', 'rerank-v4.0-pro', {}, { units: { search_units: 1 } }, '0.0025'],
    ['cohere', 'embed-english-v3.0', { input: million }, {}, '0.1'],
    // https://mistral.ai/pricing
    ['mistral_ai', 'mistral-large-2512', { input_cached_tokens: million }, {}, '0.05'],
    ['mistral_ai', 'mistral-large-2411', { input_cached_tokens: million }, {}, '0.2'],
    ['mistral_ai', 'mistral-ocr-2512', {}, { units: { pages: 3 } }, '0.006'],
    // https://groq.com/pricing
    ['groq', 'openai/gpt-oss-120b', { input: million, input_cached_tokens: million }, { serviceTier: 'flex' }, '0.225'],
    ['groq', 'openai/gpt-oss-120b', { input: million }, { serviceTier: 'batch' }, '0.075'],
    ['groq', 'whisper-large-v3-turbo', {}, { units: { seconds: 3600 } }, '0.04'],
    // https://docs.perplexity.ai/getting-started/pricing
    ['perplexity', 'sonar', { input: 174, output: 320 }, { searchContext: 'low' }, '0.005494'],
    ['perplexity', 'sonar', { input: 174, output: 320 }, {}, '0.005494'],
    ['perplexity', 'sonar-pro', { input: 0 }, { searchContext: 'medium' }, '0.01'],
    ['perplexity', 'sonar-pro', { input: 0 }, { searchContext: 'high' }, '0.014'],
    // https://docs.x.ai/developers/pricing
    ['x_ai', 'grok-4.3', { input: 199_999 }, {}, '0.24999875'],
    ['x_ai', 'grok-4.3', { input: 200_000 }, {}, '0.5'],
    ['x_ai', 'grok-4.7', { input: 1000 }, { serverTools: { web_search_requests: 1 } }, '0.007'],
    // https://docs.voyageai.com/docs/pricing
    ['voyageai', 'rerank-2.5', { input: million }, {}, '0.05'],
    // https://platform.claude.com/docs/en/about-claude/pricing#long-context-pricing
    ['anthropic', 'claude-sonnet-4-20250514', { input: 200_001 }, {}, '1.200006'],
  ])('%s %s %o %o', (provider, model, buckets, facts, expected) => {
    expect(usd(provider, model, buckets, facts)).toBe(expected);
  });

  // https://api-docs.deepseek.com/news/
  test.each([
    ['deepseek-chat', '2025-02-01T12:00:00Z', '0.14'],
    ['deepseek-chat', '2025-02-08T16:00:00Z', '0.27'],
    ['deepseek-chat', '2025-06-01T12:00:00Z', '0.27'],
    ['deepseek-chat', '2025-06-01T20:00:00Z', '0.135'],
    ['deepseek-chat', '2025-09-05T15:59:59Z', '0.27'],
    ['deepseek-chat', '2025-09-05T20:00:00Z', '0.56'],
    ['deepseek-chat', '2025-12-01T12:00:00Z', '0.28'],
    ['deepseek-chat', '2026-05-01T20:00:00Z', '0.14'],
    ['deepseek-reasoner', '2025-06-01T12:00:00Z', '0.55'],
    ['deepseek-reasoner', '2025-06-01T20:00:00Z', '0.135'],
    ['deepseek-reasoner', '2025-12-01T20:00:00Z', '0.28'],
  ])('%s at %s', (model, when, expected) => {
    expect(usd('deepseek', model, { input: million }, { when })).toBe(expected);
  });

  test('a default that decides about the price is named', () => {
    const pricing = priced('perplexity', 'sonar', { input: 1 }, {});
    expect('cost' in pricing && pricing.cost.assumptions).toEqual(['searchContext low: none stated']);
  });
});

describe('units without a price', () => {
  test('leave a call without one', () => {
    expect(priced('openai', 'gpt-4o-mini-tts', {}, { units: { characters: 10 } })).toEqual({
      unpriced: { code: 'unknown-price', message: 'gpt-4o-mini-tts has no price for characters' },
    });
  });

  test('are no second bill where tokens are billed', () => {
    expect(usd('openai', 'gpt-image-1', { output_image_tokens: 1000 }, { units: { images: 1 } })).toBe('0.04');
  });
});
