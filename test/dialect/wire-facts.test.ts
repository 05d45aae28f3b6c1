import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { readingOf } from '../../src/dialect/wire-facts.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { toAttributes } from '../../src/semconv/write.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

const body = {
  prompt_tokens: 3246,
  completion_tokens: 8,
  total_tokens: 3254,
  prompt_tokens_details: { cached_tokens: 3200 },
};

/** What the hook has seen of the call on the wire. */
const WIRE: LlmCall = {
  operation: 'chat',
  provider: 'openai',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  responseId: 'chatcmpl-1',
  server: { address: 'api.openai.com', port: 443 },
  parameters: {},
  usage: {
    input: 3246,
    output: 8,
    cacheRead: 3200,
    serviceTier: 'priority',
    inputIncludes: { cacheRead: true, cacheWrite: true },
    outputIncludes: { reasoning: true },
  },
  rawUsage: { format: 'openai.chat', body },
  problems: [],
};
const BUCKETS = { input: 46, input_cached_tokens: 3200, output: 8, total: 3254 };

/** The span of a call as other dialects have it, with numbers of their own. */
const DIALECTS: [dialect: string, attributes: Record<string, unknown>, scope?: string][] = [
  ['open-inference', { 'openinference.span.kind': 'LLM', 'llm.model_name': 'gpt', 'llm.token_count.prompt': 1 }],
  ['vercel-ai', { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.model.id': 'gpt', 'ai.usage.promptTokens': 1 }],
  ['open-llmetry', { 'traceloop.workflow.name': 'w', 'gen_ai.request.model': 'gpt', 'gen_ai.usage.prompt_tokens': 1 }],
  [
    'langfuse-sdk',
    {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': 'gpt',
      'langfuse.observation.usage_details': '{"input":1}',
    },
    'langfuse-sdk',
  ],
  ['gen-ai', { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 1 }],
];

function read(attributes: Record<string, unknown>, scope = 'other'): DialectReading & { dialect: string | undefined } {
  const span = spanOf({ attributes, scope: { name: scope } });
  const dialect = dialectOf(attributes, scope);
  return { type: 'span', metadata: {}, ...(dialect && readingOf(dialect, span)), dialect: dialect?.id };
}

describe.each(DIALECTS)('a span of %s', (id, attributes, scope) => {
  test('that was told what was billed says so, and stays of its dialect', () => {
    const told = { ...attributes, ...toAttributes(WIRE, { captureContent: false, maxContentLength: 0 }) };
    const { dialect, type, call, stated } = read(told, scope);
    expect({ dialect, type, stated }).toEqual({ dialect: id, type: 'generation', stated: undefined });
    const { operation: _operation, usage, ...facts } = WIRE;
    expect(call).toMatchObject(facts);
    expect(call?.usage && toDisjointUsage(call.usage).usage).toEqual(BUCKETS);
    expect(call?.usage?.serviceTier).toBe(usage?.serviceTier);
  });

  test('that repeats the call of another span is around it, and counts nothing', () => {
    const { type, call, stated } = read({ ...attributes, 'otel_langfuse.usage.counted_in': '00f067aa0ba902b7' }, scope);
    expect({ type, usage: call?.usage, stated }).toEqual({ type: 'chain', usage: undefined, stated: undefined });
  });
});

test('what an app says that its call has cost holds', () => {
  const stated = {
    'langfuse.observation.type': 'generation',
    'langfuse.observation.usage_details': '{"input":1}',
    'langfuse.observation.cost_details': '{"total":0.5}',
  };
  const told = { ...stated, ...toAttributes(WIRE, { captureContent: false, maxContentLength: 0 }) };
  expect(read(told, 'langfuse-sdk').call?.usage).toMatchObject({ billedUsd: '0.5', input: 3246 });
});
