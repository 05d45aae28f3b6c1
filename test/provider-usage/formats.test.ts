import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { readUsage } from '../../src/provider-usage/formats.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';

const chat = (body: JsonObject): ReturnType<typeof readUsage> => readUsage({ format: 'openai.chat', body });

describe('usage objects', () => {
  test('of an unknown format are not guessed at', () => {
    expect(readUsage({ format: 'nobody.chat', body: { prompt_tokens: 1 } })).toBeUndefined();
  });

  test('that state nothing are no usage', () => {
    expect(chat({})).toBeUndefined();
    expect(chat({ prompt_tokens: '12', completion_tokens: -1, total_tokens: 1.5 })).toBeUndefined();
  });

  test.each([
    ['OpenAI', { prompt_tokens_details: { cached_tokens: 7 } }],
    ['DeepSeek', { prompt_cache_hit_tokens: 7, prompt_cache_miss_tokens: 3 }],
    ['Together and Moonshot', { cached_tokens: 7 }],
    ['Mistral', { num_cached_tokens: 7 }],
  ])('of %s say what was cached', (_vendor, fields) => {
    expect(chat({ prompt_tokens: 10, completion_tokens: 1, ...fields })?.cacheRead).toBe(7);
  });

  test('of Perplexity’s deep research state reading, reasoning and searches beside their total', () => {
    const usage = chat({
      prompt_tokens: 33,
      completion_tokens: 11_395,
      total_tokens: 11_428,
      citation_tokens: 19_028,
      num_search_queries: 21,
      reasoning_tokens: 9_000,
    });
    expect(usage && toDisjointUsage(usage)).toMatchObject({
      usage: { input: 19_061, output: 11_395, output_reasoning_tokens: 9_000, total: 39_456 },
      problems: [],
    });
    expect(usage?.serverTools).toEqual({ web_search_requests: 21 });
  });

  test.each([
    ['xAI ticks', { cost_in_usd_ticks: 129_978_500 }, '0.01299785'],
    ['OpenRouter', { cost: 0.00045, is_byok: false, cost_details: { upstream_inference_cost: 0.00045 } }, '0.00045'],
    [
      'OpenRouter with a provider key of the user',
      { cost: 0.00001, is_byok: true, cost_details: { upstream_inference_cost: 0.0003253 } },
      '0.0003353',
    ],
    ['OpenRouter with such a key and no upstream cost', { cost: 0.00001, is_byok: true }, undefined],
    ['Perplexity', { cost: { total_cost: 0.005494 } }, '0.005494'],
    ['a free call', { cost: 0 }, '0'],
    ['no money', { cost: '1' }, undefined],
  ])('state money: %s', (_name, fields, billedUsd) => {
    expect(chat({ prompt_tokens: 1, completion_tokens: 1, ...fields })?.billedUsd).toBe(billedUsd);
  });

  test('of Anthropic give thinking to the iterations it is stated for, and never more than their output', () => {
    const usage = readUsage({
      format: 'anthropic.messages',
      body: {
        input_tokens: 1,
        output_tokens: 30,
        output_tokens_details: { thinking_tokens: 25 },
        iterations: [
          { type: 'compaction', input_tokens: 100, output_tokens: 82 },
          { type: 'message', input_tokens: 1, output_tokens: 20 },
          { type: 'message', input_tokens: 1, output_tokens: 10 },
        ],
      },
    });
    expect(usage?.parts?.map((part) => part.usage.reasoning)).toEqual([undefined, 20, 5]);
  });
});

const BILLS = path.resolve(import.meta.dirname, '..', '..', '..', 'shared', 'truth', 'bills.json');

describe.skipIf(!existsSync(BILLS))('bills (skipped where ../shared/truth is absent)', () => {
  /** Formats of the bills -> ours. Vendors that copy OpenAI share its formats. */
  const FORMATS: Record<string, string> = {
    'openrouter.chat': 'openai.chat',
    'openrouter.responses': 'openai.responses',
    'xai.chat': 'openai.chat',
    'xai.responses': 'openai.responses',
    'perplexity.chat': 'openai.chat',
  };
  interface Bill {
    id: string;
    kind: string;
    usage: JsonObject;
    usage_format: string;
    expected_usd: number;
  }
  const bills = (existsSync(BILLS) ? (JSON.parse(readFileSync(BILLS, 'utf8')) as Bill[]) : []).filter(
    (bill) => bill.kind === 'provider_billed' && FORMATS[bill.usage_format],
  );

  test.each(bills)('$id is the money the provider states', ({ usage, usage_format, expected_usd }) => {
    const reported = readUsage({ format: FORMATS[usage_format] ?? '', body: usage });
    expect(Number(reported?.billedUsd)).toBe(expected_usd);
  });
});
