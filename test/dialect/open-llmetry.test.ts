import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { genAi } from '../../src/dialect/gen-ai.ts';
import { openLlmetry } from '../../src/dialect/open-llmetry.ts';
import type { SpanView } from '../../src/model/span.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';

describe('open-llmetry dialect', () => {
  test('what its SDK puts on every span makes no LLM span', () => {
    const companions = { 'traceloop.workflow.name': 'answer', 'traceloop.association.properties.user_id': 'ada' };
    expect(dialectOf({ ...companions, 'db.system': 'postgresql' })).toBeUndefined();
    expect(dialectOf({ ...companions, 'gen_ai.request.model': 'gpt-4o' })?.id).toBe(openLlmetry.id);
    expect(dialectOf({ 'gen_ai.request.model': 'gpt-4o' })?.id).toBe(genAi.id);
  });

  test.each([
    ['workflow', 'chain'],
    ['agent', 'agent'],
    ['tool', 'tool'],
    ['task', 'span'],
    ['unknown', 'span'],
    ['toString', 'span'],
  ])('a span of kind %s is of type %s', (kind, type) => {
    expect(openLlmetry.read(spanOf({ attributes: { 'traceloop.span.kind': kind } })).type).toBe(type);
  });

  test('other work inside an agent, whose name is on every span there, is no model call', () => {
    const attributes = { 'traceloop.workflow.name': 'answer', 'gen_ai.agent.name': 'assistant', 'http.route': '/' };
    expect(openLlmetry.read(spanOf({ attributes })).type).toBe('span');
  });

  test.each([
    ['completion', 'text_completion', 'generation'],
    ['embedding', 'embeddings', 'embedding'],
    ['rerank', 'rerank', 'generation'],
  ])('a former request of type %s is the operation %s', (requestType, operation, type) => {
    const attributes = { 'gen_ai.request.model': 'm', 'llm.request.type': requestType };
    expect(openLlmetry.read(spanOf({ attributes }))).toMatchObject({ type, call: { operation } });
  });

  test('the operation goes before the former type of request', () => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'llm.request.type': 'completion' };
    expect(openLlmetry.read(spanOf({ attributes })).call?.operation).toBe('chat');
  });
});

/** Whether input includes the cache where the counts alone do not show it. */
describe('instrumentations that leave the cache out of the input', () => {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.usage.input_tokens': 5000,
    'gen_ai.usage.output_tokens': 40,
    'gen_ai.usage.cache_read.input_tokens': 1024,
  };
  const totalOf = (scope: SpanView['scope'], more: object = {}): number | undefined => {
    const { call } = genAi.read(spanOf({ scope, attributes: { ...attributes, ...more } }));
    return call?.usage && toDisjointUsage(call.usage).usage.total;
  };

  test.each([
    ['@traceloop/instrumentation-anthropic', '0.8.8', 6064],
    ['@traceloop/instrumentation-anthropic', '0.27.3', 6064],
    ['@traceloop/instrumentation-anthropic', '0.28.0', 5040],
    ['@traceloop/instrumentation-anthropic', '1.0.0', 5040],
    ['@traceloop/instrumentation-anthropic', undefined, 5040],
    ['opentelemetry.instrumentation.bedrock', '0.52.0', 6064],
    ['opentelemetry.instrumentation.anthropic', '0.52.0', 5040],
  ])('%s %s', (name, version, total) => {
    expect(totalOf({ name, ...(version !== undefined && { version }) })).toBe(total);
  });

  test('a total without the cache is no count of the provider', () => {
    const scope = { name: '@traceloop/instrumentation-anthropic', version: '0.27.0' };
    const span = spanOf({ scope, attributes: { ...attributes, 'gen_ai.usage.total_tokens': 5040 } });
    const { call } = genAi.read(span);
    expect(call?.usage && toDisjointUsage(call.usage).problems).toEqual([]);
  });

  test('of any other, the total tells', () => {
    expect(totalOf({ name: 'any' }, { 'gen_ai.usage.total_tokens': 6064 })).toBe(6064);
    expect(totalOf({ name: 'any' }, { 'gen_ai.usage.total_tokens': 5040 })).toBe(5040);
  });
});
