import { describe, expect, test } from 'vitest';
import { CATALOG_VERSION, calculateCost, estimateCost, priceUsage } from '../../src/cost/index.ts';

const when = new Date('2026-11-18T12:00:00Z');

describe('calculateCost', () => {
  test('of buckets', () => {
    const usage = { input: 86, input_cached_tokens: 1920, output: 300 };
    expect(calculateCost({ provider: 'openai', model: 'gpt-4o', usage, serviceTier: 'default', when })).toEqual({
      usd: 0.005615,
      exactUsd: '0.005615',
      details: { input: 0.000215, input_cached_tokens: 0.0024, output: 0.003 },
      source: 'catalog',
      catalogVersion: CATALOG_VERSION,
      assumptions: [],
    });
  });

  // https://platform.claude.com/docs/en/about-claude/pricing#web-search-tool
  test('of a response, with its fees', () => {
    const body = {
      input_tokens: 105,
      output_tokens: 6039,
      cache_read_input_tokens: 7123,
      cache_creation_input_tokens: 7345,
      server_tool_use: { web_search_requests: 1 },
    };
    const usage = { format: 'anthropic.messages', body };
    const answer = calculateCost({ provider: 'anthropic', model: 'claude-opus-5', usage, when });
    expect(answer).toMatchObject({ exactUsd: '0.21096775', details: { web_search_requests: 0.01 } });
  });

  test('the tier given is the one that counts', () => {
    const usage = { format: 'openai.chat', body: { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 } };
    const query = { provider: 'openai', model: 'gpt-5', usage, when };
    expect(calculateCost(query).usd).toBe(0.00125);
    expect(calculateCost({ ...query, serviceTier: 'batch' }).usd).toBe(0.000625);
  });

  test('money that the provider states', () => {
    const usage = { format: 'openai.chat', body: { prompt_tokens: 1, completion_tokens: 1, cost: 0.25 } };
    expect(calculateCost({ provider: 'openrouter', model: 'anyone/anything', usage, when })).toEqual({
      usd: 0.25,
      exactUsd: '0.25',
      details: { billed: 0.25 },
      source: 'provider',
      assumptions: [],
    });
  });

  test('no known price', () => {
    expect(calculateCost({ model: 'my-model', usage: { input: 1 }, when })).toEqual({
      usd: undefined,
      unpriced: { code: 'unknown-model', message: 'no price is known for model my-model' },
    });
  });

  test.each([-1, 0.5, Number.NaN])('refuses a count of %s', (input) => {
    expect(() => calculateCost({ model: 'gpt-4o', usage: { input } })).toThrow(/input is .*whole number/);
  });

  test('refuses a usage object it cannot read, and names a format it can', () => {
    const usage = { format: 'openai', body: {} };
    expect(() => calculateCost({ model: 'gpt-4o', usage })).toThrow(
      /"openai" cannot be read: use e\.g\. "openai\.chat"/,
    );
  });
});

describe('estimateCost', () => {
  test.each([
    ['gpt-4-turbo', 0.025],
    ['openai/gpt-4-turbo', 0.025],
    ['claude-3-sonnet', 0.0105],
    ['omni-moderation-latest', 0],
    ['my-model', undefined],
  ])('%s', (model, expected) => {
    expect(estimateCost(model, 1000, 500)).toBe(expected);
  });
});

describe('estimateCost by name', () => {
  test.each([
    [{ model: 'gpt-5', provider: 'azure', inputTokens: 9000, cachedTokens: 8000, outputTokens: 500 }, 0.00725],
    [{ model: 'claude-opus-4-8', inputTokens: 1000, outputTokens: 100, serviceTier: 'batch' }, 0.00375],
    [{ model: 'my-model', inputTokens: 1000, outputTokens: 100 }, undefined],
  ])('%o', (query, expected) => {
    expect(estimateCost({ ...query, when })).toBe(expected);
  });

  test('refuses more cached tokens than there are', () => {
    expect(() => estimateCost({ model: 'gpt-5', inputTokens: 1, cachedTokens: 2, outputTokens: 0 })).toThrow(
      RangeError,
    );
  });
});

describe('priceUsage', () => {
  test('of a response: the model that answered, the tier that served, the tools', () => {
    const body = {
      object: 'response',
      model: 'gpt-4.1-2025-04-14',
      service_tier: 'flex',
      tools: [{ type: 'web_search_preview' }],
      output: [{ type: 'web_search_call', status: 'completed', action: { type: 'search' } }],
      usage: { input_tokens: 1000, output_tokens: 100, total_tokens: 1100 },
    };
    expect(priceUsage({ provider: 'openai', model: 'my-deployment', body, when })).toEqual({
      usd: 0.0264,
      exactUsd: '0.0264',
      parts: [
        { item: 'input', model: 'gpt-4.1', quantity: 1000, unitUsd: 0.000001, usd: 0.001 },
        { item: 'output', model: 'gpt-4.1', quantity: 100, unitUsd: 0.000004, usd: 0.0004 },
        { item: 'web_search_preview_requests', model: 'gpt-4.1', quantity: 1, unitUsd: 0.025, usd: 0.025 },
      ],
      usageDetails: { input: 1000, output: 100, total: 1100 },
      source: 'catalog',
      catalogVersion: CATALOG_VERSION,
      assumptions: [],
      problems: [],
    });
  });

  test.each([
    // A usage object of each API, as its documentation shows it; the shape tells which one it is.
    ['openai', 'gpt-4o', { prompt_tokens: 1000, completion_tokens: 0 }, 0.0025],
    ['openai', 'gpt-4o', { input_tokens: 1000, output_tokens: 0, total_tokens: 1000 }, 0.0025],
    ['anthropic', 'claude-opus-4-8', { input_tokens: 1000, output_tokens: 0 }, 0.005],
    ['gcp.gemini', 'gemini-2.5-pro', { promptTokenCount: 1000, candidatesTokenCount: 0 }, 0.00125],
    ['aws.bedrock', 'amazon.nova-pro-v1:0', { inputTokens: 1000, outputTokens: 0 }, 0.0008],
    ['cohere', 'command-r-08-2024', { billed_units: { input_tokens: 1000, output_tokens: 0 } }, 0.00015],
    ['openai', 'whisper-1', { type: 'duration', seconds: 60 }, 0.006],
    [
      'openai',
      'gpt-4o-transcribe',
      { type: 'tokens', input_tokens: 14, output_tokens: 0, input_token_details: { text_tokens: 4, audio_tokens: 10 } },
      0.00007,
    ],
    [
      'openai',
      'gpt-realtime',
      {
        input_tokens: 100,
        output_tokens: 10,
        total_tokens: 110,
        input_token_details: { text_tokens: 0, audio_tokens: 100, cached_tokens: 0 },
        output_token_details: { text_tokens: 0, audio_tokens: 10 },
      },
      0.00384,
    ],
    ['openai', 'gpt-image-1', { input_tokens: 0, output_tokens: 1000, total_tokens: 1000 }, 0.04],
  ])('of a usage object of %s %s', (provider, model, usage, expected) => {
    expect(priceUsage({ provider, model, usage, when }).usd).toBe(expected);
  });

  test.each([
    ['openrouter.chat', { prompt_tokens: 1000, completion_tokens: 0 }],
    ['openai.chat_completions', { prompt_tokens: 1000, completion_tokens: 0 }],
    ['xai.responses', { input_tokens: 1000, output_tokens: 0 }],
  ])('a format by the name of whoever copies it: %s', (usageFormat, usage) => {
    expect(priceUsage({ provider: 'openai', model: 'gpt-4o', usage, usageFormat, when }).usd).toBe(0.0025);
  });

  test('what is odd about the usage is said', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 20 } };
    expect(priceUsage({ provider: 'openai', model: 'gpt-4o', usage, when })).toMatchObject({
      problems: [{ code: 'negative-bucket' }],
    });
  });

  test.each([
    [{}, /one of usage, usage details and body/],
    [{ usage: { tea: 1 } }, /shape of the usage is not known/],
    [{ usage: {}, usageFormat: 'tea.leaves' }, /"tea.leaves" is not known/],
    [{ usage: {}, usageFormat: 'openai.chat' }, /states no usage of format "openai.chat"/],
  ])('refuses %o', (query, message) => {
    expect(() => priceUsage({ model: 'gpt-4o', ...query })).toThrow(message);
  });
});
