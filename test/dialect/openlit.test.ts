import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { openlit } from '../../src/dialect/openlit.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

const PYTHON = 'openlit.otel.tracing';
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'claude-sonnet-4-5' };

function read(attributes: object, scope: string = PYTHON): DialectReading {
  return openlit.read(spanOf({ attributes: { ...CHAT, ...attributes }, scope: { name: scope } }));
}

function reckonedOf(cost: number): string | undefined {
  return read({ 'gen_ai.usage.input_tokens': 1, 'gen_ai.usage.cost': cost }).call?.usage?.reckonedUsd;
}

describe('openlit dialect', () => {
  test('is known by its scopes, or by the name that it writes on each span', () => {
    expect(dialectOf(CHAT, PYTHON)?.id).toBe(openlit.id);
    expect(dialectOf(CHAT, '@openlit/instrumentation-openai')?.id).toBe(openlit.id);
    expect(dialectOf({ ...CHAT, 'telemetry.sdk.name': 'openlit' }, 'app')?.id).toBe(openlit.id);
    expect(dialectOf(CHAT, 'openlitter')?.id).toBe('gen-ai');
  });

  describe('whether the input includes the cache', () => {
    const usage = {
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 10,
      'gen_ai.usage.total_tokens': 1010,
      'gen_ai.usage.cache_read.input_tokens': 200,
    };
    const inputOf = (provider: string, scope?: string): number | undefined => {
      const { call } = read({ ...usage, 'gen_ai.provider.name': provider }, scope);
      return call?.usage && toDisjointUsage(call.usage).usage.input;
    };

    test('Anthropic and Bedrock, as they state it: no', () => {
      expect(inputOf('anthropic')).toBe(1000);
      expect(inputOf('aws.bedrock', '@openlit/instrumentation-bedrock')).toBe(1000);
    });

    test('all others, and what LangChain states: yes', () => {
      expect(inputOf('openai')).toBe(800);
      expect(inputOf('anthropic', '@openlit/instrumentation-langchain')).toBe(800);
    });
  });

  test('a cost is what it reckons, and 0 is none', () => {
    expect(reckonedOf(0.25)).toBe('0.25');
    expect(reckonedOf(0)).toBeUndefined();
  });

  test('details under its former names are counted, and shown nowhere else', () => {
    const reading = read({
      'gen_ai.system': 'openai',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 50,
      'gen_ai.usage.prompt_tokens_details.cache_read': 60,
      'gen_ai.usage.completion_tokens_details.reasoning': 40,
      'gen_ai.usage.newer': 7,
    });
    expect(reading.call?.usage).toMatchObject({ input: 100, cacheRead: 60, output: 50, reasoning: 40 });
    expect(reading.metadata).toEqual({ 'usage.newer': 7 });
  });

  test.each([
    ['vectordb', 'retriever'],
    ['execute_task', 'chain'],
    ['mcp_tool_call', 'tool'],
    ['invoke_agent', 'agent'],
  ])('%s is of type %s', (operation, type) => {
    expect(read({ 'gen_ai.operation.name': operation }).type).toBe(type);
  });

  test('a tool has what it was given and what it gave', () => {
    const reading = read({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.input': '{"city":"Paris"}',
      'gen_ai.tool.output': 'sunny',
    });
    expect(reading).toMatchObject({ type: 'tool', input: '{"city":"Paris"}', output: 'sunny' });
    expect(['gen_ai.tool.input', 'gen_ai.tool.output'].every(openlit.carries)).toBe(true);
  });
});
