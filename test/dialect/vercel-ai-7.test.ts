import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { vercelAi7 } from '../../src/dialect/vercel-ai-7.ts';
import { vercelAi } from '../../src/dialect/vercel-ai.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { UsageLedger } from '../../src/usage/ledger.ts';
import { spanFixtures } from '../support/span-fixtures.ts';
import { spanOf } from '../support/span-view.ts';

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-5' };

describe('vercel-ai-7 dialect', () => {
  test('is known by the tracer of the integration, or under another by what the integration alone writes', () => {
    expect(dialectOf(CHAT, 'gen_ai')?.id).toBe(vercelAi7.id);
    expect(dialectOf({ ...CHAT, 'ai.response.providerMetadata': '{}' }, 'my-app')?.id).toBe(vercelAi7.id);
    expect(dialectOf(CHAT, 'my-app')?.id).toBe('gen-ai');
    expect(dialectOf({ ...CHAT, 'ai.operationId': 'ai.generateText' }, 'gen_ai')?.id).toBe(vercelAi.id);
  });

  test('an agent with two steps and two tools: what was billed is counted once, and nothing of it is the agent’s', () => {
    // In the order in which they ended.
    const trace = spanFixtures('vercel-ai-7').filter(({ name }) => name.startsWith('agent-'));
    const ledger = new UsageLedger();
    const counted = trace.map(({ span }, index) => {
      const reading = vercelAi7.read(span);
      const usage = reading.call?.usage && toDisjointUsage(reading.call.usage).usage;
      const isTop = index === trace.length - 1;
      const entry = {
        traceId: 'trace',
        spanId: isTop ? 'top' : `span ${index}`,
        ...(!isTop && { parentSpanId: 'top' }),
      };
      ledger.count({ ...entry, ...(usage && { usage }) });
      return [reading.type, ledger.own({ ...entry, ...(usage && { usage }) })?.total];
    });
    expect(counted).toEqual([
      ['generation', 226],
      ['tool', undefined],
      ['tool', undefined],
      ['chain', undefined],
      ['generation', 3254],
      ['chain', undefined],
      ['agent', 0],
    ]);
  });

  test('the metadata of a run is that of its last step: it says nothing about the usage of all', () => {
    const metadata = JSON.stringify({ anthropic: { usage: { input_tokens: 5, output_tokens: 1 } } });
    const sums = { 'gen_ai.usage.input_tokens': 100, 'gen_ai.usage.output_tokens': 20 };
    const usageOf = (operation: string): unknown =>
      vercelAi7.read(
        spanOf({
          attributes: {
            ...CHAT,
            ...sums,
            'gen_ai.operation.name': operation,
            'ai.response.providerMetadata': metadata,
          },
        }),
      ).call?.usage;
    expect(usageOf('chat')).toMatchObject({ input: 5, output: 1 });
    expect(usageOf('invoke_agent')).toMatchObject({ input: 100, output: 20 });
  });
});
