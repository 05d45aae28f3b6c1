import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { vercelAi } from '../../src/dialect/vercel-ai.ts';
import type { SpanAttributes } from '../../src/model/span.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { UsageLedger } from '../../src/usage/ledger.ts';
import { type SpanFixture, spanFixtures } from '../support/span-fixtures.ts';
import { spanOf } from '../support/span-view.ts';

function read(attributes: SpanAttributes): DialectReading {
  return vercelAi.read(spanOf({ attributes: { 'ai.operationId': 'ai.generateText.doGenerate', ...attributes } }));
}

function bucketsOf({ call }: DialectReading): UsageDetails | undefined {
  return call?.usage && toDisjointUsage(call.usage).usage;
}

function tokensOf(usage: UsageDetails | undefined): { input: number; output: number } {
  const sum = (side: string): number =>
    Object.entries(usage ?? {}).reduce((total, [name, count]) => (name.startsWith(side) ? total + count : total), 0);
  return { input: sum('input'), output: sum('output') };
}

/** Spans of one case in the order in which they ended: what the app called comes last and encloses the others. */
function traceOf(name: string): SpanFixture[] {
  const spans = fixtures.filter((fixture) => fixture.name.replace(/-\d+$/, '') === name);
  expect(spans.length).toBeGreaterThan(1);
  return spans;
}

const fixtures = spanFixtures('vercel-ai');

/** What the provider billed: tokens in and out. */
const BILLS = {
  'openai-cached': [3246, 8],
  'openai-reasoning': [31, 204],
  'openai-tools': [180, 46],
  'openai-structured': [88, 14],
  'openai-embeddings': [24, 0],
  'openai-failed': [0, 0],
  'anthropic-cached': [3246, 8],
  'anthropic-cache-write': [3246, 7],
} as const;

test.each([
  ...['ai4', 'ai5', 'ai6'].flatMap((version) =>
    Object.entries(BILLS).map(([name, [input, output]]) => [`${version}-${name}`, { input, output }] as const),
  ),
  ['ai6-google', { input: 1480, output: 243 }] as const,
  ['ai6-bedrock', { input: 3419, output: 118 }] as const,
])('%s: what was billed is counted once', (name, bill) => {
  const ledger = new UsageLedger();
  const counted = { input: 0, output: 0 };
  for (const [index, { span }] of traceOf(name).entries()) {
    const isTop = span.attributes['ai.operationId'] !== 'ai.toolCall' && !/\.do[A-Z]/.test(span.name);
    const usage = bucketsOf(vercelAi.read(span));
    const spanId = isTop ? 'top' : `call ${index}`;
    const entry = { traceId: 'trace', spanId, ...(!isTop && { parentSpanId: 'top' }), ...(usage && { usage }) };
    ledger.count(entry);
    const own = ledger.own(entry);
    counted.input += tokensOf(own).input;
    counted.output += tokensOf(own).output;
  }
  expect(counted).toEqual(bill);
});

describe('whether the input includes the cache', () => {
  const metadata = JSON.stringify({ bedrock: { usage: { cacheReadInputTokens: 100, cacheWriteInputTokens: 50 } } });

  test('Bedrock before ai 6: no', () => {
    const reading = read({
      'ai.request.headers.user-agent': 'ai/5.0.277',
      'ai.response.providerMetadata': metadata,
      'ai.usage.inputTokens': 1000,
      'ai.usage.outputTokens': 10,
      'ai.usage.totalTokens': 1160,
      'ai.usage.cachedInputTokens': 100,
    });
    expect(bucketsOf(reading)).toEqual({
      input: 1000,
      input_cached_tokens: 100,
      input_cache_creation: 50,
      output: 10,
      total: 1160,
    });
  });

  test('ai 6: yes, also under the names of ai 4 that it still uses', () => {
    const reading = read({
      'ai.request.headers.user-agent': 'my-app/1.0 ai/6.0.326',
      'ai.response.providerMetadata': metadata,
      'ai.usage.promptTokens': 1000,
      'ai.usage.completionTokens': 10,
    });
    expect(bucketsOf(reading)).toEqual({
      input: 850,
      input_cached_tokens: 100,
      input_cache_creation: 50,
      output: 10,
      total: 1010,
    });
  });
});

describe('money', () => {
  const counts = { 'ai.usage.inputTokens': 10, 'ai.usage.outputTokens': 2 };
  const costing = (metadata: unknown): string | undefined =>
    read({ ...counts, 'ai.response.providerMetadata': JSON.stringify(metadata) }).call?.usage?.billedUsd;

  test('that a gateway bills holds', () => {
    expect(costing({ gateway: { cost: '0.0045405' } })).toBe('0.0045405');
    expect(costing({ openrouter: { usage: { cost: 0.00012 } } })).toBe('0.00012');
  });

  test('of nothing is no price', () => {
    expect(costing({ gateway: { cost: '0' } })).toBeUndefined();
    expect(costing({ gateway: { cost: 'free' } })).toBeUndefined();
    expect(costing({ openrouter: { usage: { cost: 0 } } })).toBeUndefined();
  });

  test('beside the provider’s own usage object holds', () => {
    const usage = { input_tokens: 4, output_tokens: 2, cache_read_input_tokens: 6 };
    const metadata = JSON.stringify({ anthropic: { usage }, gateway: { cost: '0.01' } });
    const { call } = read({ ...counts, 'ai.response.providerMetadata': metadata });
    expect(call?.usage).toMatchObject({ input: 4, cacheRead: 6, billedUsd: '0.01' });
    expect(call?.rawUsage).toEqual({ format: 'anthropic.messages', body: usage });
  });
});

test('unknown counts are shown and not added', () => {
  const reading = read({ 'ai.usage.inputTokens': 10, 'ai.usage.imageTokens': 7 });
  expect(bucketsOf(reading)).toEqual({ input: 10, total: 10 });
  expect(reading.metadata).toEqual({ 'usage.imageTokens': 7 });
});

test('the prompt of Langfuse that a call was made from', () => {
  const langfusePrompt = JSON.stringify({ name: 'greeting', version: 3, prompt: 'Hello {{name}}' });
  const reading = read({ 'ai.telemetry.metadata.langfusePrompt': langfusePrompt });
  expect(reading.promptName).toBe('greeting');
  expect(reading.metadata).toEqual({});
});

test.each([
  [{ 'ai.prompt.messages': '[masked]' }, 'user'],
  [{ 'ai.prompt': '[{"role":"us' }, 'user'],
])('content that is no JSON any more is shown as it is: %o', (attributes, role) => {
  const [content] = Object.values(attributes);
  expect(read(attributes).call?.input).toEqual([{ role, parts: [{ type: 'text', content }] }]);
});

test('media is described, not recorded', () => {
  const content = [
    { type: 'file', mediaType: 'application/pdf', data: 'aGVsbG8=' },
    { type: 'image', image: 'https://example.com/cat.png' },
    { type: 'file', mediaType: 'image/png', data: { type: 'unheard of' } },
  ];
  const { call } = read({ 'ai.prompt.messages': JSON.stringify([{ role: 'user', content }]) });
  expect(call?.input?.[0]?.parts).toEqual([
    { type: 'blob', modality: 'document', mime_type: 'application/pdf', content: '[application/pdf, 5 bytes]' },
    { type: 'uri', modality: 'image', uri: 'https://example.com/cat.png' },
    { type: 'other', content: content[2] },
  ]);
});

test.each(['ai.embeddings', 'ai.embedding', 'ai.request.headers.authorization', 'ai.schema', 'ai.response.text'])(
  '%s is not sent as it is',
  (attribute) => {
    expect(vercelAi.carries(attribute)).toBe(true);
  },
);

test.each(['ai.operationId', 'ai.toolCall.name', 'ai.telemetry.functionId', 'http.route'])('%s is', (attribute) => {
  expect(vercelAi.carries(attribute)).toBe(false);
});
