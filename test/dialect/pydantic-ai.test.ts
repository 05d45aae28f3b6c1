import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { pydanticAi } from '../../src/dialect/pydantic-ai.ts';
import type { SpanAttributes } from '../../src/model/span.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o', 'logfire.msg': 'chat gpt-4o' };

function bucketsOf(counts: SpanAttributes): UsageDetails | undefined {
  const { call } = pydanticAi.read(spanOf({ attributes: { ...CHAT, ...counts } }));
  return call?.usage && toDisjointUsage(call.usage).usage;
}

describe('pydantic-ai dialect', () => {
  test('Logfire is known by what it puts on every span, which alone makes no LLM span', () => {
    expect(dialectOf(CHAT)?.id).toBe(pydanticAi.id);
    expect(dialectOf({ 'logfire.msg': 'GET /', 'http.request.method': 'GET' })).toBeUndefined();
    expect(dialectOf({}, 'pydantic-ai')?.id).toBe(pydanticAi.id);
  });

  test.each([
    ['prompt_tokens', { prompt_tokens: 10, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 6 } }],
    ['input_tokens_details', { input_tokens: 10, output_tokens: 4, input_tokens_details: { cached_tokens: 6 } }],
    ['cache_read_input_tokens', { input_tokens: 4, output_tokens: 4, cache_read_input_tokens: 6 }],
  ])('the usage of a provider that has %s goes before the counts', (_key, raw) => {
    const counts = { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 4 };
    const buckets = bucketsOf({ ...counts, 'gen_ai.usage.raw': JSON.stringify(raw) });
    expect(buckets).toEqual({ input: 4, input_cached_tokens: 6, output: 4, total: 14 });
  });

  test('details of a former version whose input leaves out the cache are beside it', () => {
    const counts = { 'gen_ai.usage.input_tokens': 4, 'gen_ai.usage.output_tokens': 2 };
    const buckets = bucketsOf({ ...counts, 'gen_ai.usage.details.cache_read_input_tokens': 60 });
    expect(buckets).toEqual({ input: 4, input_cached_tokens: 60, output: 2, total: 66 });
  });

  test('details that it does not know are in no sum', () => {
    const counts = { 'gen_ai.usage.input_tokens': 4, 'gen_ai.usage.details.tool_use_prompt_tokens': 3 };
    expect(bucketsOf(counts)?.total).toBe(4);
    const { metadata } = pydanticAi.read(spanOf({ attributes: { ...CHAT, ...counts } }));
    expect(metadata).toEqual({ 'usage.details.tool_use_prompt_tokens': 3 });
  });

  test.each([
    [0.25, '0.25'],
    [0, undefined],
  ])('a cost of %d is reckoned as %s', (cost, reckoned) => {
    const counts = { 'gen_ai.usage.input_tokens': 4, 'operation.cost': cost };
    expect(pydanticAi.read(spanOf({ attributes: { ...CHAT, ...counts } })).call?.usage?.reckonedUsd).toBe(reckoned);
  });

  test('the opening of a stream is no second call, and one that failed is a call', () => {
    const opening = { ...CHAT, request_data: '{}' };
    expect(pydanticAi.read(spanOf({ attributes: opening })).type).toBe('span');
    expect(pydanticAi.read(spanOf({ attributes: opening, status: { code: 2 } })).type).toBe('generation');
  });

  test('tags of the app are read, and that of Logfire is not', () => {
    expect(pydanticAi.read(spanOf({ attributes: { ...CHAT, 'logfire.tags': ['LLM', 'beta'] } })).tags).toEqual([
      'beta',
    ]);
    expect(pydanticAi.read(spanOf({ attributes: { ...CHAT, 'logfire.tags': ['LLM'] } })).tags).toBeUndefined();
  });
});
