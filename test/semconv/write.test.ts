import { SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import type { LlmCall } from '../../src/model/llm-call.ts';
import type { ReportedUsage } from '../../src/model/reported-usage.ts';
import { spanName, spanStatus, toAttributes } from '../../src/semconv/write.ts';

const ALL = { captureContent: true, maxContentLength: 10_000 };
const INSIDE = { inputIncludes: { cacheRead: true, cacheWrite: true }, outputIncludes: { reasoning: true } } as const;

function callOf(fields: Partial<LlmCall>): LlmCall {
  return { operation: 'chat', parameters: {}, problems: [], ...fields };
}

function sums(usage: ReportedUsage): unknown[] {
  const attributes = toAttributes(callOf({ usage }), ALL);
  return [attributes['gen_ai.usage.input_tokens'], attributes['gen_ai.usage.output_tokens']];
}

describe('span name and status', () => {
  test('name is operation and model', () => {
    expect(spanName(callOf({ requestModel: 'gpt-4o' }))).toBe('chat gpt-4o');
    expect(spanName(callOf({ responseModel: 'gpt-4o-2024' }))).toBe('chat gpt-4o-2024');
    expect(spanName(callOf({}))).toBe('chat');
  });

  test('an error has the provider’s message', () => {
    expect(spanStatus(callOf({}))).toEqual({ code: SpanStatusCode.UNSET });
    expect(spanStatus(callOf({ error: { type: 'x' } }))).toEqual({ code: SpanStatusCode.ERROR });
    expect(spanStatus(callOf({ error: { type: 'x', message: 'm' } }))).toEqual({
      code: SpanStatusCode.ERROR,
      message: 'm',
    });
    expect(spanStatus(callOf({ error: { type: 'x', message: 'm' } }), () => '***')).toEqual({
      code: SpanStatusCode.ERROR,
      message: '***',
    });
  });
});

describe('usage sums include everything, whatever the provider’s own counts include', () => {
  test('OpenAI: cache and reasoning are inside', () => {
    expect(sums({ input: 100, output: 50, cacheRead: 40, reasoning: 30, ...INSIDE })).toEqual([100, 50]);
  });

  test('Anthropic: cache reads and writes are beside the input', () => {
    const outside = { cacheRead: false, cacheWrite: false };
    expect(
      sums({
        input: 10,
        output: 50,
        cacheRead: 40,
        cacheWrite5m: 3,
        cacheWrite1h: 4,
        ...INSIDE,
        inputIncludes: outside,
      }),
    ).toEqual([57, 50]);
  });

  test('Gemini: thoughts are beside the output', () => {
    expect(sums({ input: 10, output: 50, reasoning: 30, ...INSIDE, outputIncludes: { reasoning: false } })).toEqual([
      10, 80,
    ]);
  });

  test('where it varies, the total tells', () => {
    const byTotal = { ...INSIDE, outputIncludes: { reasoning: 'by-total' } } as const;
    expect(sums({ input: 10, output: 50, reasoning: 30, total: 90, ...byTotal })).toEqual([10, 80]);
    expect(sums({ input: 10, output: 50, reasoning: 30, total: 60, ...byTotal })).toEqual([10, 50]);
    expect(sums({ input: 10, output: 5, reasoning: 30, ...byTotal })).toEqual([10, 35]);
  });

  test('what tools read is input too', () => {
    expect(sums({ input: 15, toolUsePrompt: 770, output: 37, ...INSIDE })).toEqual([785, 37]);
    expect(sums({ toolUsePrompt: 770, ...INSIDE })).toEqual([770, undefined]);
  });

  test('reasoning that only the total states is output', () => {
    const rest = { ...INSIDE, outputIncludes: { reasoning: 'by-total' }, reasoningIsRest: true } as const;
    expect(sums({ input: 20, output: 198, total: 623, ...rest })).toEqual([20, 603]);
  });

  test('several models: the parts are the bill', () => {
    const part = { usage: { input: 10, output: 5, ...INSIDE } };
    expect(sums({ input: 1, output: 1, parts: [part, part], ...INSIDE })).toEqual([20, 10]);
  });

  test('what the provider did not state is not written', () => {
    expect(sums({ input: 7, ...INSIDE })).toEqual([7, undefined]);
  });
});

describe('attributes', () => {
  test('cache and modality parts have names of their own', () => {
    const usage = { input: 10, output: 5, cacheWrite5m: 1, cacheWrite1h: 2, inputAudio: 4, outputImage: 3, ...INSIDE };
    expect(toAttributes(callOf({ usage }), ALL)).toMatchObject({
      'gen_ai.usage.cache_write.input_tokens': 3,
      'gen_ai.usage.audio.input_tokens': 4,
      'gen_ai.usage.image.output_tokens': 3,
    });
  });

  test('openai.* is for OpenAI only; the billing facts are there for all', () => {
    const usage = { input: 1, serviceTier: 'flex', serverTools: { web_search_requests: 2 }, ...INSIDE };
    const openai = toAttributes(callOf({ provider: 'openai', usage }), ALL);
    const groq = toAttributes(callOf({ provider: 'groq', usage }), ALL);
    expect(openai['openai.response.service_tier']).toBe('flex');
    expect(groq['openai.response.service_tier']).toBeUndefined();
    expect(groq['otel_langfuse.usage.billing']).toBe('{"serverTools":{"web_search_requests":2},"serviceTier":"flex"}');
  });

  test('with content off nothing of what was said is recorded, and everything else is', () => {
    const attributes = toAttributes(
      callOf({
        requestModel: 'm',
        systemInstructions: [{ type: 'text', content: 'secret' }],
        input: [{ role: 'user', parts: [{ type: 'text', content: 'secret' }] }],
        output: [{ role: 'assistant', parts: [{ type: 'text', content: 'secret' }] }],
        tools: [{ type: 'function', name: 'secret' }],
        finishReasons: ['stop'],
      }),
      { ...ALL, captureContent: false },
    );
    expect(JSON.stringify(attributes)).not.toContain('secret');
    expect(attributes).toMatchObject({ 'gen_ai.request.model': 'm', 'gen_ai.response.finish_reasons': ['stop'] });
  });

  test('a parameter of a wrong type is left out', () => {
    expect(toAttributes(callOf({ parameters: { temperature: Number.NaN, stopSequences: [] } }), ALL)).toEqual({
      'gen_ai.operation.name': 'chat',
    });
  });
});
