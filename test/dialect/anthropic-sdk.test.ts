import { describe, expect, test } from 'vitest';
import { anthropicSdk } from '../../src/dialect/anthropic-sdk.ts';
import { dialectOf } from '../../src/dialect/dialects.ts';
import type { SpanAttributes } from '../../src/model/span.ts';
import type { DisjointUsage } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

const CHAT = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'anthropic',
  'gen_ai.request.model': 'claude-sonnet-4-5',
  'gen_ai.usage.input_tokens': 500,
  'gen_ai.usage.output_tokens': 20,
};

function usageOf(attributes: SpanAttributes): DisjointUsage | undefined {
  const { call } = anthropicSdk.read(spanOf({ attributes }));
  return call?.usage && toDisjointUsage(call.usage);
}

describe('anthropic-sdk dialect', () => {
  test.each(['typescript', 'python', 'typescript.bedrock'])('spans of the client for %s are its', (client) => {
    expect(dialectOf(CHAT, `com.anthropic.sdk.${client}`)?.id).toBe(anthropicSdk.id);
    expect(dialectOf({ 'gen_ai.provider.name': 'anthropic' }, `com.anthropic.sdk.${client}`)).toBeUndefined();
  });

  test('what names a model without an operation calls none', () => {
    const { 'gen_ai.operation.name': _operation, ...attributes } = CHAT;
    expect(anthropicSdk.read(spanOf({ attributes }))).toMatchObject({ type: 'span', call: { operation: 'other' } });
  });

  test('summaries of the conversation are counted beside the answer', () => {
    const compaction = {
      'anthropic.usage.compaction.input_tokens': 9_000,
      'anthropic.usage.compaction.output_tokens': 700,
    };
    expect(usageOf({ ...CHAT, ...compaction })?.usage).toEqual({ input: 9_500, output: 720, total: 10_220 });
    expect(usageOf(CHAT)?.usage).toEqual({ input: 500, output: 20, total: 520 });
  });

  test('the tier asked for and the tier served are told apart', () => {
    const tiers = { 'anthropic.request.service_tier': 'auto', 'anthropic.response.service_tier': 'priority' };
    const { call } = anthropicSdk.read(spanOf({ attributes: { ...CHAT, ...tiers } }));
    expect(call).toMatchObject({ parameters: { serviceTier: 'auto' }, usage: { serviceTier: 'priority' } });
  });
});
