import { describe, expect, test } from 'vitest';
import { formatUsd } from '../../src/model/money.ts';
import { readRecordedSpan } from '../../src/report/recorded-span.ts';
import { readSpentCall, type SpentCall } from '../../src/report/spent-call.ts';
import { spanOf } from '../support/span-view.ts';
import { callRecord, type RecordedCall } from './call-record.ts';

function read(call: RecordedCall): SpentCall | undefined {
  const span = readRecordedSpan(callRecord(call));
  if (!span) throw new Error('the record is not read');
  return readSpentCall(span);
}

describe('what a span adds to the bill', () => {
  test('who it is for, and its tokens by group', () => {
    const usage = {
      input: 46,
      input_audio_tokens: 4,
      input_cached_tokens: 1024,
      input_cache_creation: 1536,
      input_cache_creation_1h: 640,
      output: 7,
      output_reasoning_tokens: 192,
      total: 3449,
    };
    const call = read({
      model: 'gpt-5',
      usage,
      cost: '0.0125',
      user: 'ada',
      session: 'chat-1',
      feature: 'search',
      prompt: 'qa',
    });
    expect(call).toEqual({
      keys: {
        model: 'gpt-5',
        user: 'ada',
        session: 'chat-1',
        feature: 'search',
        day: '2026-03-14',
        tag: ['nightly', 'feature:search'],
        prompt: 'qa',
        trace: spanOf({}).traceId,
      },
      spent: {
        calls: 1,
        errors: 0,
        unpriced: 0,
        tokens: { input: 50, cacheRead: 1024, cacheWrite: 2176, output: 7, reasoning: 192, total: 3449 },
        cost: 12_500_000_000_000n,
      },
    });
  });

  test.each<[string, RecordedCall, Partial<SpentCall['spent']> | undefined]>([
    ['a span that is no call', { type: 'span' }, undefined],
    ['a tool whose usage is none', { type: 'tool', usage: { total: 0 }, cost: '0' }, undefined],
    ['a model call that only encloses others', { usage: { input: 0, output: 0, total: 0 }, cost: '0' }, undefined],
    [
      'an agent whose inner calls were not traced',
      { type: 'agent', usage: { input: 9, total: 9 }, cost: '1' },
      { calls: 1 },
    ],
    ['an embedding', { type: 'embedding', usage: { input: 9, total: 9 }, cost: '1' }, { calls: 1, unpriced: 0 }],
    ['an image billed by the piece', { usage: { total: 0 }, cost: '0.04' }, { calls: 1, unpriced: 0 }],
    ['a model without a price', { usage: { input: 9, total: 9 } }, { calls: 1, unpriced: 1, cost: 0n }],
    ['a call without usage', {}, { calls: 1, unpriced: 1 }],
    ['a failed call without usage', { failed: true }, { calls: 1, errors: 1, unpriced: 0 }],
    [
      'a failed call with usage, of no known price',
      { failed: true, usage: { input: 9, total: 9 } },
      { errors: 1, unpriced: 1 },
    ],
  ])('%s', (_, call, expected) => {
    const spent = read(call)?.spent;
    if (expected === undefined) expect(spent).toBeUndefined();
    else expect(spent).toMatchObject(expected);
  });

  test('costs keep digits that the JSON number beside them has lost', () => {
    const exact = '123456.789012345678901';
    expect(formatUsd(read({ usage: { input: 1, total: 1 }, cost: exact })?.spent.cost ?? 0n)).toBe(exact);
  });

  test('a cost that the app set itself is the one Langfuse shows', () => {
    const attributes = { 'langfuse.observation.cost_details': '{"total":0.5}' };
    expect(formatUsd(read({ usage: { input: 1, total: 1 }, cost: '0.4', attributes })?.spent.cost ?? 0n)).toBe('0.5');
  });

  test('a feature that came as a tag only', () => {
    const attributes = { 'langfuse.trace.tags': ['beta', 'feature:search'] };
    expect(read({ attributes })?.keys.feature).toBe('search');
  });

  test('values of other types are as good as absent', () => {
    const attributes = {
      'user.id': 17,
      'langfuse.trace.tags': 'feature:search',
      'langfuse.observation.usage_details': 'lots',
      'langfuse.observation.cost_details': '{"total":"much"}',
    };
    const call = read({ attributes });
    expect(call?.keys).toMatchObject({ user: undefined, feature: 'search' });
    expect(call?.spent).toMatchObject({ unpriced: 1, tokens: { total: 0 } });
  });

  test.each(['', '{}', '[]', '{"scopeSpans":[{"spans":[{"name":"no time"}]}]}'])('%j is no record', (record) => {
    expect(readRecordedSpan(record)).toBeUndefined();
  });
});
