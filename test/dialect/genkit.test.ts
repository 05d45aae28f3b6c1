import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { genkit } from '../../src/dialect/genkit.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

function read(subtype: string, { input = {}, output = {}, ...rest }: Record<string, unknown>): DialectReading {
  const attributes = {
    'genkit:type': 'action',
    'genkit:metadata:subtype': subtype,
    'genkit:input': JSON.stringify(input),
    'genkit:output': JSON.stringify(output),
    ...rest,
  };
  return genkit.read(spanOf({ attributes }));
}

describe('genkit dialect', () => {
  test('the response of Gemini, which plugins pass on as custom, has the usage', () => {
    const usageMetadata = {
      promptTokenCount: 100,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 10,
      thoughtsTokenCount: 30,
      totalTokenCount: 140,
    };
    const { call } = read('model', {
      'genkit:name': 'googleai/gemini-2.5-flash',
      output: {
        usage: { inputTokens: 100, outputTokens: 10, totalTokens: 140 },
        custom: { modelVersion: 'gemini-2.5-flash-001', usageMetadata },
      },
    });
    expect(call).toMatchObject({
      provider: 'gcp.gemini',
      requestModel: 'gemini-2.5-flash',
      responseModel: 'gemini-2.5-flash-001',
    });
    expect(call?.usage && toDisjointUsage(call.usage).usage).toEqual({
      input: 40,
      input_cached_tokens: 60,
      output: 10,
      output_reasoning_tokens: 30,
      total: 140,
    });
  });

  test('a plugin that passes on no response is taken at its counts', () => {
    const usage = { inputTokens: 100, outputTokens: 10, totalTokens: 140, cachedContentTokens: 60, thoughtsTokens: 30 };
    const { call } = read('model', { 'genkit:name': 'ollama/llama3.2', output: { usage } });
    expect(call?.usage && toDisjointUsage(call.usage).usage).toMatchObject({ input: 40, output: 10, total: 140 });
  });

  test('media, reasoning and tools of a conversation, and an answer among candidates', () => {
    const { call } = read('model', {
      input: {
        messages: [
          {
            role: 'user',
            content: [{ text: 'Which city?' }, { media: { url: 'https://a.test/1.png', contentType: 'image/png' } }],
          },
          { role: 'tool', content: [{ toolResponse: { name: 'get_weather', ref: 'c1', output: { degrees: 22 } } }] },
        ],
      },
      output: {
        candidates: [
          { finishReason: 'stop', message: { role: 'model', content: [{ reasoning: 'Hm.' }, { data: 1 }] } },
        ],
      },
    });
    expect(call?.input).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'Which city?' },
          { type: 'uri', modality: 'image', uri: 'https://a.test/1.png' },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { degrees: 22 } }] },
    ]);
    expect(call?.output).toEqual([
      {
        role: 'assistant',
        finish_reason: 'stop',
        parts: [
          { type: 'reasoning', content: 'Hm.' },
          { type: 'other', content: { data: 1 } },
        ],
      },
    ]);
  });

  test.each([
    ['flow', 'chain'],
    ['retriever', 'retriever'],
    ['evaluator', 'evaluator'],
    ['agent', 'agent'],
    ['something newer', 'span'],
  ])('%s is of type %s', (subtype, type) => {
    expect(read(subtype, { input: 'in', output: 'out' })).toMatchObject({ type, input: '"in"', output: '"out"' });
  });

  test('a session, and what the app says about the action', () => {
    const reading = read('flow', { 'genkit:sessionId': 'chat-1', 'genkit:metadata:plan': 'pro' });
    expect(reading).toMatchObject({ sessionId: 'chat-1', metadata: { plan: 'pro' } });
  });
});
