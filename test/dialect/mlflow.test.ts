import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { mlflow } from '../../src/dialect/mlflow.ts';
import { spanOf } from '../support/span-view.ts';

function read(type: string, attributes: Record<string, unknown>): DialectReading {
  const stated = Object.entries({ spanType: type, ...attributes });
  return mlflow.read(
    spanOf({
      attributes: Object.fromEntries(stated.map(([name, value]) => [`mlflow.${name}`, JSON.stringify(value)])),
    }),
  );
}

describe('mlflow dialect', () => {
  test('what it writes on spans of others makes them none of its own', () => {
    expect(dialectOf({ 'mlflow.spanType': '"CHAT_MODEL"' })?.id).toBe(mlflow.id);
    expect(dialectOf({ 'mlflow.spanType': 'null', 'http.route': '/' })).toBeUndefined();
    expect(dialectOf({ 'mlflow.spanType': 'null', 'gen_ai.operation.name': 'chat' })?.id).toBe('gen-ai');
  });

  test('where the output is not the provider’s response, its counts hold: they are whole', () => {
    const { call, input, output } = read('LLM', {
      spanInputs: 'What is the weather in Paris?',
      spanOutputs: 'Sunny.',
      'chat.tokenUsage': {
        input_tokens: 100,
        output_tokens: 10,
        total_tokens: 110,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 20,
        cache_creation_input_tokens_above_1hr: 5,
      },
      'llm.cost': { input_cost: 0.1, output_cost: 0.15, total_cost: 0.25 },
    });
    expect(call?.usage).toMatchObject({
      input: 100,
      cacheRead: 60,
      cacheWrite: 20,
      cacheWrite1h: 5,
      reckonedUsd: '0.25',
      inputIncludes: { cacheRead: true, cacheWrite: true },
    });
    expect([input, output]).toEqual(['"What is the weather in Paris?"', '"Sunny."']);
  });

  test('a framework is no provider', () => {
    expect(read('CHAT_MODEL', { 'message.format': 'langchain' }).call?.provider).toBeUndefined();
    expect(read('CHAT_MODEL', { 'message.format': 'langchain', 'llm.provider': 'mistral' }).call?.provider).toBe(
      'mistral',
    );
  });

  test.each([
    ['WORKFLOW', 'chain'],
    ['GUARDRAIL', 'guardrail'],
    ['EVALUATOR', 'evaluator'],
    ['MY_OWN', 'span'],
  ])('%s is of type %s', (kind, type) => {
    expect(read(kind, {}).type).toBe(type);
  });

  test('the prompt that was loaded', () => {
    const prompts = [{ name: 'weather', version: '3' }];
    expect(read('CHAIN', { linkedPrompts: prompts }).promptName).toBe('weather');
    expect(read('CHAIN', { linkedPrompts: JSON.stringify(prompts) }).promptName).toBe('weather');
  });
});
