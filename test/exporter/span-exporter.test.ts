import { context, SpanKind, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { genAi } from '../../src/dialect/gen-ai.ts';
import {
  type ExporterOptions,
  type ExportResult,
  LangfuseSpanExporter,
  LlmSpanProcessor,
} from '../../src/exporter/index.ts';
import type { ReadableSpanLike } from '../../src/exporter/readable-span.ts';
import { LLM, readableSpan, readableSpanOfSdk1, type SpanSketch } from './readable-spans.ts';
import { RecordingDelivery, totals } from '../support/recording-delivery.ts';

const open: { shutdown(): Promise<void> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((exporter) => exporter.shutdown())));

function exporterTo(delivery: RecordingDelivery, options: ExporterOptions = {}): LangfuseSpanExporter {
  const exporter = new LangfuseSpanExporter({ delivery, ...options });
  open.push(exporter);
  return exporter;
}

/** What arrives of batches of spans, and which of them is marked as the top of its trace. */
function exported(batches: ReadableSpanLike[][], options: ExporterOptions = {}): [string, boolean][] {
  const delivery = new RecordingDelivery();
  const exporter = exporterTo(delivery, options);
  for (const batch of batches) exporter.export(batch, ({ code }) => expect(code).toBe(0));
  return delivery.spans.map(({ name, attributes }) => [name, attributes['langfuse.internal.as_root'] === true]);
}

const REQUEST: SpanSketch[] = [
  { name: 'chat', parent: 'handler', attributes: LLM },
  { name: 'db', parent: 'handler' },
  { name: 'handler', parent: 'server' },
  { name: 'server', kind: SpanKind.SERVER },
];
const SENT = [
  ['chat', false],
  ['handler', false],
  ['server', true],
];

describe('selection from batches', () => {
  test('one batch, children first', () => {
    expect(exported([REQUEST.map(readableSpan)])).toEqual(SENT);
  });

  test('one batch, parents first', () => {
    expect(exported([REQUEST.map(readableSpan).toReversed()])).toEqual(SENT);
  });

  test('a span a batch', () => {
    expect(exported(REQUEST.map((sketch) => [readableSpan(sketch)]))).toEqual(SENT);
  });

  test('spans of SDK 1.x', () => {
    expect(exported([REQUEST.map(readableSpanOfSdk1)])).toEqual(SENT);
    const below = { name: 'server', parent: 'elsewhere', kind: SpanKind.SERVER };
    expect(exported([[...REQUEST.slice(0, 3), below].map(readableSpanOfSdk1)])).toEqual(SENT);
  });

  test('a parent in another process is never exported here', () => {
    const chat = { name: 'chat', parent: 'elsewhere', attributes: LLM };
    expect(exported([[readableSpan({ ...chat, parentIsRemote: true })]])).toEqual([['chat', true]]);
    expect(exported([[readableSpan({ ...chat, parentIsRemote: false })]])).toEqual([['chat', false]]);
  });

  test('LLM spans only, or all', () => {
    expect(exported([REQUEST.map(readableSpan)], { spans: 'llm' })).toEqual([['chat', true]]);
    expect(exported([REQUEST.map(readableSpan)], { spans: 'all' })).toHaveLength(4);
  });
});

describe('usage', () => {
  test.each([
    ['in one batch', (spans: ReadableSpanLike[]) => [spans]],
    ['in one batch, parents first', (spans: ReadableSpanLike[]) => [spans.toReversed()]],
    ['a span a batch', (spans: ReadableSpanLike[]) => spans.map((one) => [one])],
    ['a span a batch, parents first', (spans: ReadableSpanLike[]) => spans.toReversed().map((one) => [one])],
  ])('is counted once, %s', (_, batches) => {
    const delivery = new RecordingDelivery();
    const exporter = exporterTo(delivery);
    const agent = {
      ...LLM,
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.usage.input_tokens': 2000,
      'gen_ai.usage.output_tokens': 200,
    };
    const spans = [
      { name: 'chat 1', parent: 'agent', attributes: LLM },
      { name: 'chat 2', parent: 'agent', attributes: LLM },
      { name: 'agent', attributes: agent },
    ].map(readableSpan);
    for (const batch of batches(spans)) exporter.export(batch, () => {});
    // gpt-4o-mini: $0.15 input and $0.60 output a million.
    expect(totals(delivery.spans)).toEqual({ tokens: 2200, usd: 0.00042 });
  });
});

describe('in a pipeline', () => {
  test.each([
    ['BatchSpanProcessor', (exporter: LangfuseSpanExporter) => new BatchSpanProcessor({ exporter })],
    ['SimpleSpanProcessor', (exporter: LangfuseSpanExporter) => new SimpleSpanProcessor({ exporter })],
  ])('%s', async (_, processorOf) => {
    const delivery = new RecordingDelivery();
    const provider = new TracerProvider({ spanProcessors: [processorOf(exporterTo(delivery))] });
    const tracer = provider.getTracer('any instrumentation', '3');
    const root = tracer.startSpan('GET /', { kind: SpanKind.SERVER });
    tracer.startSpan('chat', { attributes: LLM }, trace.setSpan(context.active(), root)).end();
    root.end();
    await provider.forceFlush();
    expect(delivery.spans.map(({ name }) => name)).toEqual(['chat', 'GET /']);
    expect(delivery.span('chat')).toMatchObject({
      scope: { name: 'any instrumentation', version: '3' },
      attributes: { 'langfuse.observation.usage_details': '{"input":1000,"output":100,"total":1100}' },
    });
    await provider.shutdown();
  });

  test('NodeSDK takes the exporter and the processor', async () => {
    const delivery = new RecordingDelivery();
    const exporter = new LangfuseSpanExporter({ delivery });
    const spanProcessors = [new LlmSpanProcessor({ delivery }), new BatchSpanProcessor({ exporter })];
    const sdk = new NodeSDK({ instrumentations: [], resourceDetectors: [], spanProcessors });
    sdk.start();
    trace.getTracer('app').startSpan('chat', { attributes: LLM }).end();
    await sdk.shutdown();
    trace.disable();
    context.disable();
    const [first, second] = delivery.records;
    expect(delivery.records).toHaveLength(2);
    // The same span twice is the same record: Langfuse takes the second for the first.
    expect(first).toBe(second);
  });
});

function span(name: string): ReadableSpanLike {
  return readableSpan({ name, parent: 'root', attributes: LLM });
}

function throws(): never {
  throw new Error('broken');
}

describe('failure', () => {
  test('a bad span costs no other, whatever is bad', () => {
    const delivery = new RecordingDelivery();
    const exporter = exporterTo(delivery);
    const bad = [
      { ...span('no ids'), spanContext: () => ({ traceId: '', spanId: '' }) },
      { ...span('throws'), spanContext: throws },
      { ...span('no attributes'), attributes: undefined as never },
      { ...span('no resource'), resource: undefined as never },
      { ...span('no time'), startTime: undefined as never },
    ];
    exporter.export([...bad, span('good'), readableSpan({ name: 'root' })], ({ code }) => expect(code).toBe(0));
    // Without a start it is at its end.
    expect(delivery.spans.map(({ name }) => name)).toEqual(['no time', 'good', 'root']);
  });

  test('spans that wait for a broken one, or for each other, are sent', () => {
    const delivery = new RecordingDelivery();
    let calls = 0;
    const { spanContext, ...rest } = span('breaks later');
    const breaksLater = { ...rest, spanContext: () => (calls++ === 0 ? spanContext() : throws()) };
    const spans = [
      readableSpan({ name: 'root', attributes: LLM }),
      readableSpan({ name: 'a', parent: 'b', attributes: LLM }),
      readableSpan({ name: 'b', parent: 'a', attributes: LLM }),
    ];
    exporterTo(delivery).export([breaksLater, ...spans], () => {});
    expect(delivery.spans.map(({ name }) => name)).toEqual(['root', 'a', 'b']);
  });

  test('a span we fail to read goes as it is', () => {
    const delivery = new RecordingDelivery();
    vi.spyOn(genAi, 'read').mockImplementationOnce(throws);
    exporterTo(delivery).export([readableSpan({ name: 'chat', attributes: LLM })], () => {});
    expect(delivery.span('chat').attributes).toMatchObject(LLM);
  });

  test('after shutdown nothing is accepted', async () => {
    const exporter = exporterTo(new RecordingDelivery());
    await exporter.shutdown();
    const result = await new Promise<ExportResult>((resolve) => exporter.export([], resolve));
    expect(result.code).toBe(1);
  });
});
