import {
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
  TraceFlags,
} from '@opentelemetry/api';
import { AlwaysOffSampler, createAlwaysRecordSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { withLlmContext } from '../../src/context/llm-context.ts';
import { type ExporterOptions, LlmSpanProcessor } from '../../src/exporter/index.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { spanName, spanStatus, toAttributes } from '../../src/semconv/write.ts';
import { registerPendingWork } from '../../src/util/pending-work.ts';
import { RecordingDelivery, totals } from '../support/recording-delivery.ts';

const CALL: LlmCall = {
  operation: 'chat',
  provider: 'openai',
  requestModel: 'gpt-4o-mini',
  responseModel: 'gpt-4o-mini-2024-07-18',
  responseId: 'chatcmpl-1',
  parameters: { temperature: 0, maxTokens: 50 },
  input: [{ role: 'user', parts: [{ type: 'text', content: 'What is the weather?' }] }],
  output: [{ role: 'assistant', parts: [{ type: 'text', content: 'Sunny.' }], finish_reason: 'stop' }],
  finishReasons: ['stop'],
  usage: {
    input: 1000,
    output: 100,
    total: 1100,
    cacheRead: 400,
    inputIncludes: { cacheRead: true, cacheWrite: true },
    outputIncludes: { reasoning: true },
  },
  rawUsage: {
    format: 'openai.chat',
    body: {
      prompt_tokens: 1000,
      completion_tokens: 100,
      total_tokens: 1100,
      prompt_tokens_details: { cached_tokens: 400 },
    },
  },
  problems: [],
};

const CONTENT = { captureContent: true, maxContentLength: 10_000 };

let delivery: RecordingDelivery;
let processor: LlmSpanProcessor;
let tracer: Tracer;

function start(options: ExporterOptions = {}): void {
  delivery = new RecordingDelivery();
  processor = new LlmSpanProcessor({ delivery, environment: 'test', release: '1.2.3', ...options });
  tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('test', '9');
}

/** A span below `parent`, made as current. */
function child(name: string, parent?: Span, kind: SpanKind = SpanKind.INTERNAL): Span {
  return tracer.startSpan(name, { kind }, parent ? trace.setSpan(context.active(), parent) : context.active());
}

function llmSpan(parent?: Span, call: LlmCall = CALL): Span {
  const span = child(spanName(call), parent, SpanKind.CLIENT);
  span.setAttributes(toAttributes(call, CONTENT));
  span.setStatus(spanStatus(call));
  return span;
}

const contextManager = new AsyncLocalStorageContextManager();
beforeAll(() => void context.setGlobalContextManager(contextManager.enable()));
afterAll(() => context.disable());
beforeEach(() => start());
afterEach(() => processor.shutdown());

describe('a call', () => {
  test('becomes a generation with usage, cost, content and parameters', async () => {
    llmSpan().end();
    await processor.forceFlush();
    const { attributes, scope, kind } = delivery.span('chat gpt-4o-mini');
    expect(scope).toEqual({ name: 'test', version: '9' });
    expect(kind).toBe(3);
    expect(attributes).toMatchObject({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': 'gpt-4o-mini-2024-07-18',
      'langfuse.environment': 'test',
      'langfuse.release': '1.2.3',
      'langfuse.internal.as_root': true,
      'langfuse.observation.metadata.response_id': 'chatcmpl-1',
    });
    const json = (name: string): unknown => JSON.parse(String(attributes[`langfuse.observation.${name}`]));
    expect(json('usage_details')).toEqual({ input: 600, input_cached_tokens: 400, output: 100, total: 1100 });
    // gpt-4o-mini: $0.15 input, $0.075 cached, $0.60 output a million.
    expect(json('cost_details')).toEqual({
      input: 0.00009,
      input_cached_tokens: 0.00003,
      output: 0.00006,
      total: 0.00018,
    });
    expect(json('model.parameters')).toEqual({ temperature: 0, max_tokens: 50 });
    expect(json('input')).toEqual([{ role: 'user', content: 'What is the weather?' }]);
    expect(json('output')).toEqual({ role: 'assistant', content: 'Sunny.' });
    expect(Object.keys(attributes).filter((name) => /^gen_ai\.(usage|input|output)\./.test(name))).toEqual([]);
  });

  test('that failed is an error with the provider’s own words', async () => {
    const { usage: _usage, rawUsage: _raw, output: _output, ...asked } = CALL;
    llmSpan(undefined, { ...asked, error: { type: 'rate_limit_exceeded', message: 'Slow down', status: 429 } }).end();
    await processor.forceFlush();
    const { attributes, status } = delivery.span('chat gpt-4o-mini');
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'Slow down' });
    expect(attributes).toMatchObject({
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'rate_limit_exceeded: Slow down',
      'langfuse.observation.metadata.error_status': 429,
    });
    expect(attributes['langfuse.observation.usage_details']).toBeUndefined();
  });

  test('carries the values of the context it was made in', async () => {
    withLlmContext(
      { userId: 'ada', sessionId: 's1', tags: ['beta'], feature: 'search', promptName: 'p', promptVersion: 3 },
      () => llmSpan().end(),
    );
    await processor.forceFlush();
    expect(delivery.span('chat gpt-4o-mini').attributes).toMatchObject({
      'user.id': 'ada',
      'session.id': 's1',
      'langfuse.trace.tags': ['beta', 'feature:search'],
      'langfuse.observation.prompt.name': 'p',
      'langfuse.observation.prompt.version': 3,
    });
  });
});

/** Names of what one request sends under a selection, and whether each is marked as the top. */
async function sentOf(selection: ExporterOptions['spans']): Promise<Record<string, boolean>> {
  start(selection && { spans: selection });
  const server = child('GET /', undefined, SpanKind.SERVER);
  child('SELECT', server).end();
  const handler = child('handler', server);
  llmSpan(handler).end();
  child('cleanup', handler).end();
  handler.end();
  server.end();
  child('health check').end();
  await processor.forceFlush();
  return Object.fromEntries(
    delivery.spans.map(({ name, attributes }) => [name, attributes['langfuse.internal.as_root'] === true]),
  );
}

describe('selection', () => {
  test('by default: LLM spans and what leads to them, the topmost marked', async () => {
    expect(await sentOf(undefined)).toEqual({ 'chat gpt-4o-mini': false, handler: false, 'GET /': true });
  });

  test('llm: LLM spans only', async () => {
    expect(await sentOf('llm')).toEqual({ 'chat gpt-4o-mini': true });
  });

  test('all: every span', async () => {
    expect(await sentOf('all')).toEqual({
      'chat gpt-4o-mini': false,
      SELECT: false,
      cleanup: false,
      handler: false,
      'GET /': true,
      'health check': true,
    });
  });

  test('llm: a call below an agent is not the top', async () => {
    start({ spans: 'llm' });
    const agent = child('agent');
    agent.setAttribute('gen_ai.operation.name', 'invoke_agent');
    const step = child('step', agent);
    llmSpan(step).end();
    step.end();
    agent.end();
    await processor.forceFlush();
    expect(delivery.span('chat gpt-4o-mini').attributes['langfuse.internal.as_root']).toBeUndefined();
    expect(delivery.span('agent').attributes['langfuse.internal.as_root']).toBe(true);
  });

  test('a parent in another service is not waited for', async () => {
    const remote = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: TraceFlags.SAMPLED,
    };
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
    const server = tracer.startSpan('POST /ask', { kind: SpanKind.SERVER }, parent);
    llmSpan(server).end();
    server.end();
    await processor.forceFlush();
    expect(delivery.span('POST /ask')).toMatchObject({
      parentSpanId: remote.spanId,
      attributes: { 'langfuse.internal.as_root': true },
    });
  });

  test('an ancestor that ends before the call still leads to it', async () => {
    const server = child('GET /', undefined, SpanKind.SERVER);
    const job = child('job', server);
    const call = llmSpan(job);
    job.end();
    server.end();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(delivery.records).toEqual([]);
    call.end();
    await processor.forceFlush();
    expect(delivery.spans.map(({ name }) => name)).toEqual(['chat gpt-4o-mini', 'job', 'GET /']);
  });

  test('spans that are recorded without being sampled are not sent', async () => {
    const sampler = createAlwaysRecordSampler(new AlwaysOffSampler());
    tracer = new TracerProvider({ spanProcessors: [processor], sampler }).getTracer('test');
    llmSpan().end();
    await processor.forceFlush();
    expect(delivery.records).toEqual([]);
  });
});

describe('usage', () => {
  test('an agent and a model span that repeat what their calls report are counted once', async () => {
    const agent = child('invoke_agent planner');
    agent.setAttributes({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 2000,
      'gen_ai.usage.output_tokens': 200,
    });
    for (let turn = 0; turn < 2; turn++) {
      const outer = child('ChatOpenAI', agent);
      outer.setAttributes({
        'gen_ai.operation.name': 'chat',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.output_tokens': 100,
      });
      llmSpan(outer).end();
      outer.end();
    }
    agent.end();
    await processor.forceFlush();
    expect(delivery.spans).toHaveLength(5);
    expect(totals(delivery.spans)).toEqual({ tokens: 2200, usd: 0.00036 });
    expect(delivery.span('invoke_agent planner').attributes).toMatchObject({
      'langfuse.observation.type': 'agent',
      'langfuse.observation.usage_details': '{"total":0}',
      'langfuse.observation.cost_details': '{"total":0}',
      'langfuse.observation.metadata.reported_usage': JSON.stringify({ input: 2000, output: 200, total: 2200 }),
    });
  });

  test('an agent of whose calls one was not traced counts that one, at the catalog’s price', async () => {
    const agent = child('agent');
    agent.setAttributes({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 3000,
      'gen_ai.usage.output_tokens': 300,
      // The bill of the whole says nothing about the part.
      'otel_langfuse.usage.billing': '{"billedUsd":"7"}',
    });
    llmSpan(agent).end();
    agent.end();
    await processor.forceFlush();
    expect(delivery.span('agent').attributes).toMatchObject({
      'langfuse.observation.usage_details': '{"input":2000,"output":200,"total":2200}',
      'langfuse.observation.cost_details': '{"input":0.0003,"output":0.00012,"total":0.00042}',
      'langfuse.observation.metadata.reported_usage': '{"input":3000,"output":300,"total":3300}',
    });
  });

  test('a wrapper whose span ends before the call is written waits for it', async () => {
    const outer = child('ChatOpenAI');
    outer.setAttributes({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 100,
    });
    const call = llmSpan(outer);
    outer.end();
    await new Promise((resolve) => setTimeout(resolve, 40));
    call.end();
    await processor.forceFlush();
    expect(delivery.span('ChatOpenAI').attributes['langfuse.observation.usage_details']).toBe('{"total":0}');
    expect(totals(delivery.spans).tokens).toBe(1100);
  });

  test('an agent without usage of its own is not left to Langfuse to count', async () => {
    const agent = child('agent');
    agent.setAttributes({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'gpt-4o-mini' });
    agent.end();
    await processor.forceFlush();
    expect(delivery.span('agent').attributes['langfuse.observation.usage_details']).toBe('{"total":0}');
  });

  test('a model nobody has a price for keeps its usage and says so', async () => {
    llmSpan(undefined, { ...CALL, requestModel: 'in-house-7b', responseModel: 'in-house-7b' }).end();
    await processor.forceFlush();
    const { attributes } = delivery.span('chat in-house-7b');
    expect(attributes['langfuse.observation.cost_details']).toBeUndefined();
    expect(JSON.parse(String(attributes['langfuse.observation.metadata.problems']))).toMatchObject([
      { code: 'unknown-model' },
    ]);
    expect(totals(delivery.spans).tokens).toBe(1100);
  });
});

describe('content', () => {
  test('a mask rewrites input and output', async () => {
    start({ mask: (text) => text.replaceAll('weather', '[topic]') });
    llmSpan().end();
    await processor.forceFlush();
    expect(delivery.span('chat gpt-4o-mini').attributes['langfuse.observation.input']).toContain(
      'What is the [topic]?',
    );
    expect(delivery.records[0]).not.toContain('weather');
  });

  test('a mask that throws masks everything', async () => {
    start({
      mask: () => {
        throw new Error('bug');
      },
    });
    llmSpan().end();
    await processor.forceFlush();
    expect(delivery.records[0]).not.toContain('weather');
    expect(delivery.records[0]).not.toContain('Sunny');
    expect(totals(delivery.spans).tokens).toBe(1100);
  });
});

describe('life', () => {
  test('spans are handed over soon after they end, without a flush', async () => {
    llmSpan().end();
    expect(delivery.records).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(delivery.records).toHaveLength(1);
  });

  test('durability "span" hands over as the span ends', () => {
    start({ spool: { durability: 'span' } });
    llmSpan().end();
    expect(delivery.records).toHaveLength(1);
  });

  test('an LLM span whose children never end is sent after two seconds', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    start();
    const call = llmSpan();
    child('never ends', call);
    call.end();
    await vi.advanceTimersByTimeAsync(1_000);
    llmSpan().end();
    await vi.advanceTimersByTimeAsync(50);
    expect(delivery.records, 'others do not wait with it').toHaveLength(1);
    await vi.advanceTimersByTimeAsync(850);
    expect(delivery.records).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(delivery.records).toHaveLength(2);
  });

  test('at exit, calls under way end and everything is appended', () => {
    const call = llmSpan();
    const unregister = registerPendingWork((final) => final && call.end());
    processor.appendNow(true);
    unregister();
    expect(delivery.records).toHaveLength(1);
  });

  test('shutdown flushes; later spans are ignored', async () => {
    llmSpan().end();
    await processor.shutdown();
    expect(delivery).toMatchObject({ flushes: 1 });
    expect(delivery.records).toHaveLength(1);
    llmSpan().end();
    await processor.forceFlush();
    expect(delivery.records).toHaveLength(1);
  });

  test('one broken span costs no other', async () => {
    const broken = llmSpan();
    Object.defineProperty(broken, 'events', {
      get: () => {
        throw new Error('broken');
      },
    });
    llmSpan().end();
    broken.end();
    llmSpan().end();
    await processor.forceFlush();
    expect(delivery.records).toHaveLength(2);
  });
});
