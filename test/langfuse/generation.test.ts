import { describe, expect, test } from 'vitest';
import { callAttributes, type CountedUsage, metadataAttributes } from '../../src/langfuse/generation.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { parseUsd } from '../../src/model/money.ts';
import { spanOf } from '../support/span-view.ts';

const CALL: LlmCall = { operation: 'chat', requestModel: 'gpt-4o', parameters: {}, problems: [] };
const USAGE = { input: 10, output: 5, total: 15 };
const COST = {
  total: parseUsd('0.3'),
  details: { input: parseUsd('0.1'), output: parseUsd('0.2') },
  parts: [],
  source: 'catalog' as const,
  catalogVersion: 'prices 1',
  assumptions: ['standard tier: none reported'],
};

function attributesOf(call: Partial<LlmCall>, counted?: CountedUsage): Record<string, unknown> {
  return callAttributes({ ...CALL, ...call }, spanOf({}), counted);
}

describe('cost and usage', () => {
  test('the sums are exact: no digit of binary fractions, always a total', () => {
    const attributes = attributesOf({}, { reported: USAGE, own: USAGE, pricing: { cost: COST }, problems: [] });
    expect(attributes).toMatchObject({
      'langfuse.observation.usage_details': '{"input":10,"output":5,"total":15}',
      'langfuse.observation.cost_details': '{"input":0.1,"output":0.2,"total":0.3}',
      'langfuse.observation.metadata.cost_source': 'catalog',
      'langfuse.observation.metadata.cost_catalog': 'prices 1',
      'langfuse.observation.metadata.cost_assumptions': '["standard tier: none reported"]',
    });
    expect(attributes['langfuse.observation.metadata.reported_usage']).toBeUndefined();
  });

  test('without a price the cost is left to Langfuse, and the reason is there', () => {
    const unpriced = { code: 'unknown-model', message: 'no price is known for x' };
    const attributes = attributesOf({}, { reported: USAGE, own: USAGE, pricing: { unpriced }, problems: [] });
    expect(attributes['langfuse.observation.cost_details']).toBeUndefined();
    expect(attributes['langfuse.observation.metadata.problems']).toBe(JSON.stringify([unpriced]));
  });

  test('usage that is counted elsewhere is 0 here, and what was reported is kept', () => {
    expect(attributesOf({}, { reported: USAGE, own: { total: 0 }, problems: [] })).toMatchObject({
      'langfuse.observation.usage_details': '{"total":0}',
      'langfuse.observation.cost_details': '{"total":0}',
      'langfuse.observation.metadata.reported_usage': JSON.stringify(USAGE),
    });
  });

  test('problems of the call and of its usage come together', () => {
    const [first, second] = [
      { code: 'body-truncated', message: 'a' },
      { code: 'negative-bucket', message: 'b' },
    ];
    const counted = { reported: USAGE, own: USAGE, pricing: { cost: COST }, problems: [second] };
    expect(attributesOf({ problems: [first] }, counted)['langfuse.observation.metadata.problems']).toBe(
      JSON.stringify([first, second]),
    );
  });
});

function text(content: string): { type: 'text'; content: string } {
  return { type: 'text', content };
}

function input(call: Partial<LlmCall>): unknown {
  return JSON.parse(String(attributesOf(call)['langfuse.observation.input']));
}

function output(call: Partial<LlmCall>): unknown {
  return JSON.parse(String(attributesOf(call)['langfuse.observation.output']));
}

describe('what was said', () => {
  test('is a conversation that Langfuse renders', () => {
    expect(
      input({
        systemInstructions: [text('Be brief.')],
        input: [
          { role: 'user', name: 'ada', parts: [text('Weather in Paris?')] },
          {
            role: 'assistant',
            parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Paris' } }],
          },
          { role: 'user', parts: [{ type: 'tool_call_response', id: 'c1', response: 'rainy' }, text('And tomorrow?')] },
        ],
      }),
    ).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', name: 'ada', content: 'Weather in Paris?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'rainy' },
      { role: 'user', content: 'And tomorrow?' },
    ]);
  });

  test('tools are beside the messages', () => {
    const tools = [
      { type: 'function', name: 'weather', parameters: { type: 'object' } },
      { type: 'web_search', name: 'web_search' },
    ];
    expect(input({ input: [{ role: 'user', parts: [text('Hi')] }], tools })).toEqual({
      messages: [{ role: 'user', content: 'Hi' }],
      tools: [
        { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } },
        { type: 'web_search', name: 'web_search' },
      ],
    });
  });

  test('parts other than text keep their kind', () => {
    const parts = [{ type: 'reasoning' as const, content: 'Hm.' }, text('Yes.')];
    expect(output({ output: [{ role: 'assistant', parts }] })).toEqual({
      role: 'assistant',
      content: [
        { type: 'reasoning', content: 'Hm.' },
        { type: 'text', text: 'Yes.' },
      ],
    });
  });

  test('several choices are a list', () => {
    const choice = { role: 'assistant', parts: [text('A')] };
    expect(output({ output: [choice, choice] })).toHaveLength(2);
  });
});

describe('the rest', () => {
  test('time to first chunk becomes the completion start time', () => {
    expect(attributesOf({ timeToFirstChunk: 0.25 })['langfuse.observation.completion_start_time']).toBe(
      '2025-06-15T15:06:40.250Z',
    );
  });

  test('parameters have the names of the conventions, and the provider’s own beside them', () => {
    const parameters = { temperature: 0, topP: 1, stopSequences: ['x'], outputType: 'json', other: { store: true } };
    expect(attributesOf({ parameters })['langfuse.observation.model.parameters']).toBe(
      JSON.stringify({ temperature: 0, top_p: 1, stop_sequences: ['x'], output_type: 'json', store: true }),
    );
  });

  test('the model that answered is the model', () => {
    expect(attributesOf({ responseModel: 'gpt-4o-2024-08-06' })).toMatchObject({
      'langfuse.observation.model.name': 'gpt-4o-2024-08-06',
      'langfuse.observation.metadata.request_model': 'gpt-4o',
    });
  });

  test('metadata: plain values as they are, structures as JSON, nothing for nothing', () => {
    expect(metadataAttributes({ a: 1, b: ['x'], c: undefined })).toEqual({
      'langfuse.observation.metadata.a': 1,
      'langfuse.observation.metadata.b': '["x"]',
    });
  });
});
