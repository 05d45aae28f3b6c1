import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { genAi } from '../../src/dialect/gen-ai.ts';
import type { SpanView } from '../../src/model/span.ts';
import { toAttributes } from '../../src/semconv/write.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

describe('gen-ai dialect', () => {
  test('recognises GenAI spans and no others', () => {
    expect(dialectOf({ 'gen_ai.system': 'openai' })?.id).toBe(genAi.id);
    expect(dialectOf({ 'gen_ai.tool.name': 'search' })?.id).toBe(genAi.id);
    expect(dialectOf({ 'http.request.method': 'POST', 'server.address': 'api.openai.com' })).toBeUndefined();
  });

  test('a request inside an agent, which has the name of the agent only, is no GenAI span', () => {
    expect(dialectOf({ 'gen_ai.agent.name': 'assistant', 'http.request.method': 'GET' })).toBeUndefined();
  });

  test.each([
    [{ 'gen_ai.operation.name': 'chat' }, 'generation'],
    [{ 'gen_ai.operation.name': 'embeddings' }, 'embedding'],
    [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm' }, 'agent'],
    [{ 'gen_ai.tool.name': 'search' }, 'tool'],
    [{ 'gen_ai.operation.name': 'search_memory' }, 'retriever'],
    [{ 'gen_ai.operation.name': 'transcribe', 'gen_ai.request.model': 'whisper-1' }, 'generation'],
    [{ 'gen_ai.operation.name': 'create_memory_store' }, 'span'],
    [{ 'gen_ai.operation.name': 'toString' }, 'span'],
  ])('%o is of type %s', (attributes, type) => {
    expect(genAi.read(spanOf({ attributes })).type).toBe(type);
  });

  test('raw usage that a length limit cut falls back to the counts, and says so', () => {
    const reading = genAi.read(
      spanOf({
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.usage.input_tokens': 12,
          'otel_langfuse.usage.format': 'openai.chat',
          'otel_langfuse.usage.raw': '{"prompt_tokens":12,"comp',
        },
      }),
    );
    expect(reading.call?.usage?.input).toBe(12);
    expect(reading.call?.problems).toMatchObject([{ code: 'raw-usage-unreadable' }]);
  });

  test('masked or cut content that is no JSON any more is shown as it is', () => {
    const reading = genAi.read(
      spanOf({ attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': '[masked]' } }),
    );
    expect(reading.call?.input).toEqual([{ role: 'unknown', parts: [{ type: 'text', content: '[masked]' }] }]);
  });

  test('values of any type are survived', () => {
    const names = Object.keys(
      toAttributes(
        {
          operation: 'chat',
          provider: 'openai',
          requestModel: 'm',
          parameters: { temperature: 1, stopSequences: ['a'] },
          finishReasons: ['stop'],
          input: [],
          output: [],
          tools: [],
          problems: [{ code: 'c', message: 'm' }],
          usage: {
            input: 1,
            output: 1,
            inputIncludes: { cacheRead: true, cacheWrite: true },
            outputIncludes: { reasoning: true },
          },
          rawUsage: { format: 'openai.chat', body: {} },
        },
        { captureContent: true, maxContentLength: 1000 },
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.anything()), (attributes) => {
        genAi.read(spanOf({ attributes }));
      }),
    );
  });
});

/** Spans as other instrumentations make them, and our reading of them. */
describe('spans of other instrumentations', () => {
  const folder = path.join(import.meta.dirname, '../fixtures/spans/gen-ai');
  const cases = readdirSync(folder).filter((file) => file.endsWith('.span.json'));
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));

  test.each(cases)('%s', (file) => {
    const span = spanOf(read(file) as Partial<SpanView>);
    expect(dialectOf(span.attributes)?.id).toBe(genAi.id);
    const reading = genAi.read(span);
    const buckets = reading.call?.usage && toDisjointUsage(reading.call.usage).usage;
    expect({ ...reading, buckets }).toEqual(read(file.replace('.span.json', '.expected.json')));
  });
});
