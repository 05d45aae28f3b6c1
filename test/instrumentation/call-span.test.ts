import { context, type Span, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noteEnd, noteStart } from '../../src/context/open-spans.ts';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';
import { type StandInProvider, startStandInProvider } from '../support/stand-in-provider.mjs';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({
  spanProcessors: [
    {
      onStart: (span) => noteStart(span),
      onEnd: (span) => noteEnd(span.spanContext().spanId),
      async forceFlush() {},
      async shutdown() {},
    },
    new SimpleSpanProcessor({ exporter }),
  ],
});
const instrumentation = new LlmInstrumentation({ enabled: false });
let standIn: StandInProvider;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  standIn = await startStandInProvider();
});
afterAll(async () => {
  instrumentation.disable();
  context.disable();
  await standIn.close();
});
beforeEach(() => exporter.reset());

/** A request as a client makes it, to be read by the caller. */
const request = (does = 'plain', path = '/v1/chat/completions', body: object = {}): Promise<Response> =>
  fetch(standIn.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-stand-in': does },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Weather?' }], ...body }),
  });
const ask = async (...parameters: Parameters<typeof request>): Promise<unknown> =>
  (await request(...parameters)).json();

/** What the spans of other instrumentations have from their start. */
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };

/** A span of another instrumentation, active while `run` runs; the caller ends it. */
async function within(
  run: (span: Span) => Promise<unknown>,
  attributes: object = CHAT,
  scope = 'other',
): Promise<Span> {
  const span = provider.getTracer(scope).startSpan('theirs', { attributes: { ...attributes } });
  await context.with(trace.setSpan(context.active(), span), () => run(span));
  return span;
}

interface Seen {
  name: string;
  below: string | undefined;
  input: unknown;
  output: unknown;
}

/** The spans that have ended, by name, with what they count. */
function seen(): Seen[] {
  finishPendingWork();
  const spans = exporter.getFinishedSpans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  const counted = spans.map(({ name, attributes, parentSpanContext }) => ({
    name,
    below: parentSpanContext && names.get(parentSpanContext.spanId),
    input: attributes['gen_ai.usage.input_tokens'],
    output: attributes['gen_ai.usage.output_tokens'],
  }));
  return counted.toSorted((a, b) => a.name.localeCompare(b.name));
}

const THEIRS = { name: 'theirs', below: undefined };
const UNTOLD = { ...THEIRS, input: undefined, output: undefined };
const OURS = { name: 'chat gpt-4o', below: 'theirs' };

describe('a span that is active for one call', () => {
  test('is told what was billed, whatever its owner has written, and what it lacks', async () => {
    const span = await within(() => ask('cached'));
    span.setAttributes({ 'gen_ai.usage.input_tokens': 1, 'gen_ai.response.id': 'theirs' });
    span.end();
    expect(seen()).toEqual([{ ...THEIRS, input: 3246, output: 8 }]);
    expect(exporter.getFinishedSpans()[0]?.attributes).toMatchObject({
      'gen_ai.response.id': 'theirs',
      'gen_ai.response.model': 'gpt-4o',
      'gen_ai.usage.cache_read.input_tokens': 3200,
      'gen_ai.output.messages': expect.stringContaining('manual'),
    });
  });

  test('ends when and how its owner ends it', async () => {
    const span = await within(() => ask());
    const { end } = Object.getPrototypeOf(span) as Span;
    const endTime = Date.now() + 60_000;
    span.end(endTime);
    expect(span.end).toBe(end);
    expect(exporter.getFinishedSpans()[0]?.endTime[0]).toBe(Math.floor(endTime / 1000));
  });

  test('is found behind the wrapper of an instrumentation', async () => {
    const span = provider.getTracer('other').startSpan('theirs', { attributes: { 'openinference.span.kind': 'LLM' } });
    const wrapper = { span, spanContext: () => span.spanContext(), isRecording: () => true } as unknown as Span;
    await context.with(trace.setSpan(context.active(), wrapper), () => ask());
    span.end();
    expect(seen()).toEqual([{ ...THEIRS, input: 24, output: 9 }]);
  });

  test('is not told the content that its dialect has under names of its own', async () => {
    (await within(() => ask(), { 'openinference.span.kind': 'LLM' })).end();
    const { attributes } = exporter.getFinishedSpans()[0] ?? {};
    expect(attributes).toMatchObject({ 'gen_ai.usage.input_tokens': 24, 'gen_ai.request.model': 'gpt-4o' });
    expect(JSON.stringify(attributes)).not.toMatch(/Weather|sunny/);
  });

  test('is told of the attempt that succeeded', async () => {
    const span = await within(async () => {
      await ask('error-500');
      await ask('error-429');
      await ask();
    });
    span.end();
    expect(seen()).toEqual([{ ...THEIRS, input: 24, output: 9 }]);
  });

  test('says itself that its call has failed', async () => {
    (await within(() => ask('error-500'))).end();
    expect(seen()).toEqual([UNTOLD]);
  });
});

describe('a span that is not that of one call', () => {
  const plain = { ...OURS, input: 24, output: 9 };

  test('because there are two answers: each has a span of its own', async () => {
    (await within(async () => [await ask(), await ask('cached'), await ask()])).end();
    expect(seen()).toEqual([plain, { ...OURS, input: 3246, output: 8 }, plain, UNTOLD]);
  });

  test('because two are asked for at the same time', async () => {
    (await within(() => Promise.all([ask(), ask('slow')]))).end();
    expect(seen()).toEqual([plain, plain, UNTOLD]);
  });

  test('because the call is of another kind', async () => {
    const span = await within(async () => {
      await ask('plain', '/v1/embeddings', { input: 'Paris' });
      await ask();
    });
    span.end();
    const embedding = { name: 'embeddings gpt-4o', below: 'theirs', input: 24, output: undefined };
    expect(seen()).toEqual([embedding, { ...THEIRS, input: 24, output: 9 }]);
  });

  test('because it has ended before the answer', async () => {
    let response: Response | undefined;
    const span = await within(async () => {
      response = await request('slow', undefined, { stream: true, stream_options: { include_usage: true } });
    });
    span.end();
    await response?.text();
    expect(seen()).toEqual([plain, UNTOLD]);
  });

  test('because it does not end: at a flush the call has one of its own, that began when it did', async () => {
    const before = Date.now();
    await within(() => ask('slow'));
    const after = Date.now();
    expect(seen()).toEqual([{ ...plain, below: undefined }]);
    const [span] = exporter.getFinishedSpans();
    const [began, ended] = [span?.startTime, span?.endTime].map(([s = 0, ns = 0] = [0, 0]) => s * 1000 + ns / 1e6);
    expect(began).toBeGreaterThanOrEqual(before - 1);
    expect(ended).toBeLessThanOrEqual(after + 1);
    expect(began).toBeLessThan(ended ?? 0);
  });

  test('because it has ended itself', async () => {
    const span = await within(async (theirs) => {
      theirs.end();
      await ask();
    });
    expect(span.isRecording()).toBe(false);
    expect(seen()).toEqual([plain, UNTOLD]);
  });

  test.each([
    { 'openinference.span.kind': 'CHAIN', ...CHAT },
    { 'langfuse.observation.type': 'agent', ...CHAT },
    { 'ai.operationId': 'ai.generateText', ...CHAT },
    { 'gen_ai.operation.name': 'invoke_agent' },
    { 'http.method': 'POST' },
  ])('because it says so: %j', async (attributes) => {
    (await within(() => ask(), attributes)).end();
    expect(seen()).toEqual([plain, UNTOLD]);
  });
});

const start = (name: string): Span => {
  const span = provider.getTracer('callbacks').startSpan(name);
  // Many write them only then.
  span.setAttributes(CHAT);
  return span;
};

describe('spans that were started for calls and are not active', () => {
  test('are told of the calls in their order', async () => {
    const spans = ['first', 'second'].map(start);
    await ask('cached');
    await ask();
    for (const span of spans) span.end();
    expect(seen()).toEqual([
      { name: 'first', below: undefined, input: 3246, output: 8 },
      { name: 'second', below: undefined, input: 24, output: 9 },
    ]);
  });

  test('are told of the attempt that succeeded', async () => {
    const span = start('first');
    await ask('error-500');
    await ask();
    span.end();
    expect(seen()).toEqual([{ name: 'first', below: undefined, input: 24, output: 9 }]);
  });

  test('have the first call, and no other', async () => {
    const span = start('first');
    await ask();
    await ask('cached');
    span.end();
    expect(seen()).toEqual([
      { name: 'chat gpt-4o', below: undefined, input: 3246, output: 8 },
      { name: 'first', below: undefined, input: 24, output: 9 },
    ]);
  });

  test('of another trace have nothing to do with it', async () => {
    const other = start('first');
    (await within(() => ask(), { 'http.route': '/' })).end();
    other.end();
    expect(seen().find(({ name }) => name === 'first')).toMatchObject({ input: undefined });
  });

  test('are no calls where one of another instrumentation is', async () => {
    const framework = start('framework');
    (await within(() => ask())).end();
    framework.end();
    expect(seen()).toEqual([
      { name: 'framework', below: undefined, input: undefined, output: undefined },
      { ...THEIRS, input: 24, output: 9 },
    ]);
    const [theirs, other] = exporter.getFinishedSpans();
    expect(other?.attributes['otel_langfuse.usage.counted_in']).toBe(theirs?.spanContext().spanId);
  });
});
