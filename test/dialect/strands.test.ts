import { describe, expect, test } from 'vitest';
import { strands } from '../../src/dialect/strands.ts';
import { priceCall } from '../../src/cost/price.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanFixtures } from '../support/span-fixtures.ts';
import { spanOf } from '../support/span-view.ts';

describe('strands dialect', () => {
  test.each(spanFixtures('strands').filter(({ span }) => span.attributes['gen_ai.usage.total_tokens'] !== undefined))(
    'the model of $name has a price, whose provider it does not say',
    ({ span }) => {
      const { call } = strands.read(span);
      expect(call?.provider).toBeUndefined();
      const { usage, requestModel = '' } = call ?? {};
      const pricing = priceCall({
        requestModel,
        ...(usage && { reported: usage }),
        parameters: {},
        parts: [{ usage: { input: usage?.input ?? 0, total: usage?.input ?? 0 } }],
        when: new Date('2026-01-01'),
      });
      expect(pricing).toHaveProperty('cost');
    },
  );

  test.each([
    ['strands-agents', 'claude-sonnet-4-5', 6064],
    ['strands-agents', 'gpt-4o', 5040],
    ['strands.telemetry.tracer', 'claude-sonnet-4-5', 5040],
  ])('in the scope %s, a call of %s is of %d tokens', (scope, model, total) => {
    const attributes = {
      'gen_ai.system': 'strands-agents',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': 5000,
      'gen_ai.usage.output_tokens': 40,
      'gen_ai.usage.total_tokens': 5040,
      'gen_ai.usage.cache_read.input_tokens': 1024,
    };
    const { call } = strands.read(spanOf({ attributes, scope: { name: scope } }));
    expect(call?.usage && toDisjointUsage(call.usage).usage.total).toBe(total);
  });

  test('blocks of Bedrock are read, whatever they hold', () => {
    const blocks = [
      { reasoningContent: { reasoningText: { text: 'Celsius.' } } },
      { text: 'Sunny.' },
      { toolResult: { toolUseId: '1', status: 'success', content: [{ text: '22' }] } },
      { image: { format: 'png' } },
    ];
    const event = { 'gen_ai.system': 'strands-agents', content: JSON.stringify(blocks) };
    const { call } = strands.read(
      spanOf({
        attributes: { 'gen_ai.system': 'strands-agents', 'gen_ai.operation.name': 'chat' },
        events: [{ name: 'gen_ai.user.message', time: [1_750_000_000, 0], attributes: event }],
      }),
    );
    expect(call?.input?.[0]?.parts).toEqual([
      { type: 'reasoning', content: 'Celsius.' },
      { type: 'text', content: 'Sunny.' },
      { type: 'tool_call_response', id: '1', response: [{ text: '22' }] },
      { type: 'other', content: { image: { format: 'png' } } },
    ]);
  });
});
