import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { langfuseSdk } from '../../src/dialect/langfuse-sdk.ts';
import { Pipeline, type PipelineSettings } from '../../src/exporter/pipeline.ts';
import type { ReadableSpanLike } from '../../src/exporter/readable-span.ts';
import type { SpanView } from '../../src/model/span.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';
import { spanFixtures } from '../support/span-fixtures.ts';
import { spanOf } from '../support/span-view.ts';

type Attributes = Record<string, unknown>;

/** The spans as they go to Langfuse. */
function send(views: readonly SpanView[], settings: PipelineSettings = { captureContent: true }): Attributes[] {
  const delivery = new RecordingDelivery();
  const selected = views.map((view) => ({ span: readable(view), dialect: dialectOf(view.attributes), isTop: false }));
  delivery.accept(new Pipeline(settings).toRecords(selected));
  return delivery.spans.map(({ attributes }) => attributes);
}

function readable({ traceId, spanId, scope, resource, ...rest }: SpanView): ReadableSpanLike {
  return {
    ...rest,
    links: [],
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    instrumentationScope: scope,
    resource: { attributes: resource },
  };
}

const USAGE = 'langfuse.observation.usage_details';
const COST = 'langfuse.observation.cost_details';

function generation(attributes: Attributes): SpanView {
  return spanOf({ attributes: { 'langfuse.observation.type': 'generation', ...attributes } });
}

function parsed(attributes: Attributes | undefined, name: string): unknown {
  return JSON.parse(String(attributes?.[name]));
}

test.each(spanFixtures('langfuse-sdk'))('$name goes as it is', ({ span }) => {
  expect(send([span])).toEqual([expect.objectContaining(span.attributes)]);
});

describe('usage that the app states', () => {
  const call = spanOf({
    spanId: '00f067aa0ba902b7',
    parentSpanId: spanOf({}).spanId,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
    },
  });

  test('of a call below it is counted once, and so is its cost', () => {
    const [inner, outer] = send([
      call,
      generation({ [USAGE]: '{"input":100,"output":20}', [COST]: '{"total":1}', 'langfuse.observation.input': 'Hi' }),
    ]);
    expect(parsed(inner, USAGE)).toEqual({ input: 100, output: 20, total: 120 });
    expect(parsed(outer, USAGE)).toEqual({ total: 0 });
    expect(parsed(outer, COST)).toEqual({ total: 0 });
    expect(outer?.['langfuse.observation.input']).toBe('Hi');
  });

  test('beyond that of a call below it stays', () => {
    const [, outer] = send([call, generation({ [USAGE]: '{"input":130,"output":20}' })]);
    expect(parsed(outer, USAGE)).toEqual({ input: 30, total: 30 });
  });

  test('of an agent holds in the same way', () => {
    const agent = { 'langfuse.observation.type': 'agent', [USAGE]: '{"input":130,"output":20}' };
    const [, outer] = send([call, spanOf({ attributes: agent })]);
    expect(parsed(outer, USAGE)).toEqual({ input: 30, total: 30 });
  });

  test('without a cost is priced', () => {
    const model = { 'langfuse.observation.model.name': 'gpt-4o-mini' };
    const [priced] = send([generation({ ...model, [USAGE]: '{"input":1000000}' })]);
    expect(parsed(priced, COST)).toEqual({ input: 0.15, total: 0.15 });
  });

  test('that cannot be read goes as it is', () => {
    const [sent] = send([generation({ [USAGE]: '{"input":1' })]);
    expect(sent?.[USAGE]).toBe('{"input":1');
  });
});

const stating = (cost: string): unknown => langfuseSdk.read(generation({ [COST]: cost })).call?.usage?.billedUsd;

test('the cost that the app states holds, as a total or in parts', () => {
  expect(stating('{"input":0.1,"output":0.2,"total":0.25}')).toBe('0.25');
  expect(stating('{"input":0.1,"output":0.2}')).toBe('0.3');
  expect(stating('{"input":"much"}')).toBeUndefined();
  expect(stating('{"total":1e-300,"input":1e300}')).toBeDefined();
});

test.each([
  ['{"input":0.1,"output":0.2}', '{"input":0.1,"output":0.2,"total":0.3}'],
  ['{"input":0.1,"total":0.25}', '{"input":0.1,"total":0.25}'],
  ['{"input":"much"}', '{"input":"much"}'],
  ['no JSON', 'no JSON'],
])('a cost of %s goes with its total, without which Langfuse shows none', (stated, sent) => {
  const [attributes] = send([generation({ [USAGE]: '{"input":10,"output":5}', [COST]: stated })]);
  expect(attributes?.[COST]).toBe(sent);
});

test.each([
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.trace.input',
  'langfuse.trace.output',
])('%s obeys mask and content switch', (attribute) => {
  const span = generation({ [attribute]: 'my secret' });
  expect(send([span], { captureContent: true, mask: () => 'hidden' })[0]?.[attribute]).toBe('hidden');
  expect(send([span], { captureContent: false })[0]).not.toHaveProperty([attribute]);
});

test('a span of another dialect on which the app set an attribute of Langfuse stays one of that dialect', () => {
  const attributes = { 'gen_ai.operation.name': 'chat', 'langfuse.observation.type': 'generation' };
  expect(dialectOf(attributes)?.id).toBe('gen-ai');
});
