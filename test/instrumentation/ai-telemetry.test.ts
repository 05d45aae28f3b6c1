import { tracingChannel } from 'node:diagnostics_channel';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
const instrumentation = new LlmInstrumentation({ enabled: false });
const realFetch = globalThis.fetch;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  globalThis.fetch = async () => Response.json({ object: 'chat.completion', choices: [] });
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
});
beforeEach(() => {
  finishPendingWork(true);
  exporter.reset();
});
afterAll(() => {
  instrumentation.disable();
  globalThis.fetch = realFetch;
  context.disable();
});

const channel = tracingChannel('ai:telemetry');
const tools = { get_weather: {} };

/** As the SDK does what it announces. */
const announced = <T>(type: string, event: object, work: () => Promise<T>): Promise<T> =>
  channel.tracePromise(work, { type, event });

const callsModel = async (): Promise<unknown> =>
  (await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{"model":"gpt-4o"}' })).json();

const run = (callId: string, work: () => Promise<unknown> = callsModel, event: object = { tools }): Promise<unknown> =>
  announced('generateText', { callId, ...event }, () => announced('step', { callId, stepNumber: 0 }, work));

function namesEnded(): string[] {
  finishPendingWork();
  return exporter
    .getFinishedSpans()
    .map(({ name }) => name)
    .toSorted();
}

describe('ai telemetry', () => {
  test('a run with tools has spans, and one without is its call', async () => {
    await run('a');
    expect(namesEnded()).toEqual(['chat gpt-4o', 'invoke_agent', 'step 1']);
    exporter.reset();
    await run('b', callsModel, {});
    expect(namesEnded()).toEqual(['chat gpt-4o']);
  });

  test('where the app keeps inputs to itself, a run may have tools', async () => {
    await run('a', callsModel, { recordInputs: false });
    expect(namesEnded()).toEqual(['chat gpt-4o', 'invoke_agent', 'step 1']);
  });

  test('a run in which no model is called on the wire has none', async () => {
    await run('a', async () => 'cached');
    expect(namesEnded()).toEqual([]);
  });

  test('where somebody else traces the calls, there is no second structure', async () => {
    await run('a', () => provider.getTracer('other').startActiveSpan('their step', () => callsModel()));
    expect(namesEnded()).toEqual(['chat gpt-4o']);
  });

  test('runs at the same time have their own steps', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => run(id)));
    finishPendingWork();
    const spans = exporter.getFinishedSpans();
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(3);
    for (const call of spans.filter(({ name }) => name.startsWith('chat'))) {
      const step = spans.find((span) => span.spanContext().spanId === call.parentSpanContext?.spanId);
      expect(step?.name).toBe('step 1');
    }
  });

  test('spans inside a tool are below its span', async () => {
    await run('a', async () => {
      await callsModel();
      const event = { callId: 'a', toolCall: { toolName: 'get_weather', toolCallId: 'c1' } };
      await announced('executeTool', event, async () => provider.getTracer('app').startSpan('query').end());
    });
    const spans = exporter.getFinishedSpans();
    const tool = spans.find(({ name }) => name === 'execute_tool get_weather');
    const query = spans.find(({ name }) => name === 'query');
    expect(query?.parentSpanContext?.spanId).toBe(tool?.spanContext().spanId);
  });

  test('a stream that is never read to its end ends with the process', async () => {
    const message = { type: 'streamText', event: { callId: 'a', tools } };
    await channel.start.runStores(message, callsModel);
    expect(namesEnded()).toEqual(['chat gpt-4o']);
    finishPendingWork(true);
    expect(namesEnded()).toEqual(['chat gpt-4o', 'invoke_agent']);
  });

  test('of runs without an end only so many are held', async () => {
    await channel.start.runStores({ type: 'streamText', event: { callId: 'first', tools } }, callsModel);
    for (let index = 0; index < 1_000; index++) {
      channel.start.runStores({ type: 'streamText', event: { callId: `run ${index}`, tools } }, () => {});
    }
    expect(namesEnded()).toContain('invoke_agent');
  });

  test('whatever is announced, the work is done as before', async () => {
    const type = fc.constantFrom('generateText', 'streamText', 'step', 'executeTool', 'embed');
    const event = fc.oneof(
      fc.anything(),
      fc.record({ callId: fc.constantFrom('a', 'b'), tools: fc.anything(), messages: fc.anything() }),
      fc.record({ callId: fc.constantFrom('a', 'b'), toolCall: fc.anything(), stepNumber: fc.anything() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(type, event)), fc.anything(), async (messages, result) => {
        const work = messages.reduceRight<() => Promise<unknown>>(
          (inner, [kind, given]) =>
            () =>
              channel.tracePromise(inner, { type: kind, event: given }),
          async () => [await callsModel(), result],
        );
        expect(await work()).toEqual([{ object: 'chat.completion', choices: [] }, result]);
      }),
      { numRuns: 100 },
    );
  });

  test('nothing is listened to any more once it is off', () => {
    instrumentation.disable();
    expect(channel.start.hasSubscribers).toBe(false);
    expect(trace.getSpan(context.active())).toBeUndefined();
    instrumentation.enable();
  });
});
