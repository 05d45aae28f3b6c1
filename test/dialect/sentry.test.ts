import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { sentry } from '../../src/dialect/sentry.ts';
import { spanOf } from '../support/span-view.ts';

describe('sentry dialect', () => {
  test('is about spans of its AI integrations only', () => {
    expect(dialectOf({ 'sentry.op': 'gen_ai.chat', 'gen_ai.system': 'openai' })?.id).toBe(sentry.id);
    expect(dialectOf({ 'sentry.op': 'http.client' })).toBeUndefined();
    expect(dialectOf({ 'sentry.op': 'gen_ai.chat', 'ai.operationId': 'ai.generateText' })?.id).toBe('vercel-ai');
  });

  test('its former names', () => {
    const reading = sentry.read(
      spanOf({
        attributes: {
          'sentry.op': 'gen_ai.chat',
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.messages': '[{"role":"user","content":"Weather?"}]',
          'gen_ai.response.text': '["Sunny.","Rainy."]',
          'gen_ai.usage.input_tokens': 100,
          'gen_ai.usage.input_tokens.cached': 60,
          'gen_ai.usage.output_tokens': 50,
          'gen_ai.usage.output_tokens.reasoning': 40,
        },
      }),
    );
    expect(reading.call).toMatchObject({
      input: [{ role: 'user', parts: [{ type: 'text', content: 'Weather?' }] }],
      output: [{ parts: [{ content: 'Sunny.' }, { content: 'Rainy.' }] }],
      usage: { input: 100, cacheRead: 60, output: 50, reasoning: 40 },
    });
    expect(reading.metadata).toEqual({});
  });

  test('a tool', () => {
    const attributes = {
      'sentry.op': 'gen_ai.execute_tool',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.input': '{"city":"Paris"}',
      'gen_ai.tool.output': 'sunny',
    };
    expect(sentry.read(spanOf({ attributes }))).toMatchObject({
      type: 'tool',
      input: '{"city":"Paris"}',
      output: 'sunny',
    });
  });
});
