import { describe, expect, test } from 'vitest';
import { missingCounts, withEstimate } from '../../src/instrumentation/estimate.ts';
import type { Exchange } from '../../src/instrumentation/exchange.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import type { ReportedUsage } from '../../src/model/reported-usage.ts';

const INCLUDES: Pick<ReportedUsage, 'inputIncludes' | 'outputIncludes'> = {
  inputIncludes: { cacheRead: false, cacheWrite: false },
  outputIncludes: { reasoning: true },
};

const ANSWERED: LlmCall = {
  operation: 'chat',
  requestModel: 'gpt-4o',
  parameters: {},
  input: [{ role: 'user', parts: [{ type: 'text', content: 'Hi' }] }],
  output: [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }] }],
  problems: [],
};

const { output: _output, ...UNANSWERED } = ANSWERED;

type End = Pick<Exchange, 'status' | 'outcome'>;
const finished: End = { status: 200, outcome: { kind: 'finished' } };
const cancelled: End = { status: 200, outcome: { kind: 'cancelled' } };
const BOTH = { input: true, output: true };

describe('missingCounts', () => {
  test.each<[string, LlmCall, End, ReturnType<typeof missingCounts>]>([
    ['a stream without usage', ANSWERED, finished, BOTH],
    ['a stream that the app left', ANSWERED, cancelled, BOTH],
    ['a stream left before its first word', UNANSWERED, cancelled, BOTH],
    ['a stream that broke off', ANSWERED, { status: 200, outcome: { kind: 'failed', error: new Error('x') } }, BOTH],
    ['a response that nobody read', UNANSWERED, { status: 200, outcome: { kind: 'unread' } }, BOTH],
    ['an error status', UNANSWERED, { status: 429, outcome: { kind: 'finished' } }, undefined],
    ['no response', UNANSWERED, { status: undefined, outcome: { kind: 'failed', error: new Error('x') } }, undefined],
    ['a response that is only queued', UNANSWERED, finished, undefined],
    ['an error in the body of a success', { ...UNANSWERED, error: { type: 'upstream' } }, finished, undefined],
    ['usage that is reported', { ...ANSWERED, usage: { input: 1, output: 0, ...INCLUDES } }, cancelled, undefined],
    ['usage that is reported in part', { ...ANSWERED, usage: { output: 1, ...INCLUDES } }, finished, undefined],
    [
      'a stream cut before its output was reported',
      { ...ANSWERED, usage: { input: 9, cacheRead: 4, ...INCLUDES } },
      cancelled,
      { input: false, output: true },
    ],
    [
      'a stream that the server cut before its output was reported',
      { ...ANSWERED, usage: { input: 9, ...INCLUDES }, problems: [{ code: 'stream-incomplete', message: '' }] },
      finished,
      { input: false, output: true },
    ],
    ['money that is reported', { ...ANSWERED, usage: { billedUsd: '0.1', ...INCLUDES } }, cancelled, undefined],
    ['other units', { ...ANSWERED, usage: { units: { images: 1 }, ...INCLUDES } }, cancelled, undefined],
    [
      'an image that is asked for',
      { ...ANSWERED, operation: 'generate_content', parameters: { outputType: 'image' } },
      cancelled,
      undefined,
    ],
    ['embeddings', { ...UNANSWERED, operation: 'embeddings' }, finished, { input: true, output: false }],
    [
      'a page that is no embeddings',
      { ...UNANSWERED, operation: 'embeddings', problems: [{ code: 'response-unread', message: '' }] },
      finished,
      undefined,
    ],
    [
      'a response in the background that nobody read',
      { ...UNANSWERED, parameters: { other: { background: true } } },
      { status: 200, outcome: { kind: 'unread' } },
      undefined,
    ],
    [
      'a stream from the background that was left',
      { ...ANSWERED, parameters: { other: { background: true } } },
      cancelled,
      BOTH,
    ],
    ['what is not billed by tokens of text', { ...ANSWERED, operation: 'rerank' }, finished, undefined],
  ])('%s', (_, call, end, expected) => {
    expect(missingCounts(call, end)).toEqual(expected);
  });
});

describe('withEstimate', () => {
  test('says what was counted and how', () => {
    expect(withEstimate(ANSWERED, { input: 8, output: 1, method: 'tiktoken o200k_base' }).usage).toEqual({
      input: 8,
      output: 1,
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
      estimated: true,
      estimateMethod: 'input and output: tiktoken o200k_base',
    });
  });

  test('keeps what the provider stated, but not its total of half the call', () => {
    const usage = { input: 9, cacheRead: 4, total: 9, ...INCLUDES };
    expect(withEstimate({ ...ANSWERED, usage }, { output: 1, method: 'm' }).usage).toEqual({
      input: 9,
      cacheRead: 4,
      output: 1,
      ...INCLUDES,
      estimated: true,
      estimateMethod: 'output: m',
    });
  });

  test('of an input is the whole of it, cached or not', () => {
    const usage = { cacheRead: 4, output: 1, ...INCLUDES };
    expect(withEstimate({ ...ANSWERED, usage }, { input: 9, method: 'm' }).usage).toMatchObject({
      input: 9,
      cacheRead: 4,
      inputIncludes: { cacheRead: true, cacheWrite: true },
    });
  });

  test('is the call itself where there was nothing to count', () => {
    expect(withEstimate(ANSWERED, { method: 'm' })).toBe(ANSWERED);
  });
});
