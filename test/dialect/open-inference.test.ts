import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { openInference } from '../../src/dialect/open-inference.ts';
import { Pipeline } from '../../src/exporter/pipeline.ts';
import { readableSpan } from '../exporter/readable-spans.ts';
import { spanOf } from '../support/span-view.ts';

function read(attributes: Record<string, unknown>): DialectReading {
  return openInference.read(spanOf({ attributes: { 'openinference.span.kind': 'LLM', ...attributes } }));
}

describe('open-inference dialect', () => {
  test.each([
    ['LLM', 'generation'],
    ['EMBEDDING', 'embedding'],
    ['RERANKER', 'retriever'],
    ['GUARDRAIL', 'guardrail'],
    ['EVALUATOR', 'evaluator'],
    ['PROMPT', 'span'],
    ['constructor', 'span'],
    [7, 'span'],
  ])('a span of kind %s is of type %s', (kind, type) => {
    expect(read({ 'openinference.span.kind': kind }).type).toBe(type);
  });

  test('money that is stated is the bill; 0 is no price', () => {
    const counts = { 'llm.token_count.prompt': 10, 'llm.token_count.completion': 2 };
    expect(read({ ...counts, 'llm.cost.total': 0.0042 }).call?.usage?.reckonedUsd).toBe('0.0042');
    expect(read({ ...counts, 'llm.cost.total': 0 }).call?.usage).not.toHaveProperty('reckonedUsd');
  });

  test('only the output of a model call is taken for the response of a provider', () => {
    const output = JSON.stringify({ object: 'chat.completion', usage: { prompt_tokens: 3, completion_tokens: 4 } });
    expect(read({ 'output.value': output }).call?.usage).toMatchObject({ input: 3, output: 4 });
    expect(read({ 'output.value': output, 'openinference.span.kind': 'CHAIN' }).call?.usage).toBeUndefined();
  });

  test('input with the cache beside it is told by the counts', () => {
    const cached = { 'llm.token_count.prompt': 900, 'llm.token_count.prompt_details.cache_read': 800 };
    const includes = (more: object): boolean | undefined =>
      read({ ...cached, 'llm.token_count.completion': 12, ...more }).call?.usage?.inputIncludes.cacheRead;
    expect(includes({})).toBe(true);
    expect(includes({ 'llm.token_count.total': 912 })).toBe(true);
    expect(includes({ 'llm.token_count.total': 1712 })).toBe(false);
    expect(includes({ 'llm.token_count.prompt_details.cache_write': 101 })).toBe(false);
  });

  test('tags and metadata arrive under the names of Langfuse, and not a second time', () => {
    const attributes = {
      'openinference.span.kind': 'AGENT',
      'user.id': 'ada',
      'session.id': 'chat-1',
      'tag.tags': ['beta', 'search'],
      metadata: '{"feature":"search"}',
    };
    const span = readableSpan({ name: 'agent', attributes });
    const [record = '{}'] = new Pipeline({ captureContent: true }).toRecords([
      { span, dialect: openInference, isTop: true },
    ]);
    const tags = { values: [{ stringValue: 'beta' }, { stringValue: 'search' }] };
    expect(record).toContain(`{"key":"langfuse.trace.tags","value":{"arrayValue":${JSON.stringify(tags)}}}`);
    expect(record).toContain('{"key":"langfuse.observation.metadata.feature","value":{"stringValue":"search"}}');
    expect(record).toContain('{"key":"user.id","value":{"stringValue":"ada"}}');
    expect(record).toContain('{"key":"session.id","value":{"stringValue":"chat-1"}}');
    expect(record).not.toContain('"metadata"');
    expect(record).not.toContain('"tag.tags"');
  });
});
