import { describe, expect, test } from 'vitest';
import { CATALOG_VERSION, calculateCost, estimateCost } from '../../src/cost/index.ts';

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
