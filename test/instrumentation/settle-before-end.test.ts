import { context, trace } from '@opentelemetry/api';
import { BatchSpanProcessor, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';

const realFetch = globalThis.fetch;
let exported: string[] = [];
let provider: TracerProvider;
let instrumentation: LlmInstrumentation;

beforeEach(() => {
  exported = [];
  const exporter = {
    export(spans: ReadableSpan[], done: (result: { code: number }) => void): void {
      exported.push(...spans.map(({ name }) => name));
      done({ code: 0 });
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  globalThis.fetch = async () => Response.json({ object: 'chat.completion', choices: [] });
  instrumentation = new LlmInstrumentation();
});
afterEach(() => {
  vi.restoreAllMocks();
  instrumentation.disable();
  globalThis.fetch = realFetch;
  trace.disable();
  context.disable();
});

async function call(): Promise<void> {
  const body = '{"model":"gpt-4o"}';
  await (await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body })).json();
}

describe.each([
  ['the provider it is given', () => instrumentation.setTracerProvider(provider)],
  ['the global one', () => void trace.setGlobalTracerProvider(provider)],
])('%s', (_, use) => {
  beforeEach(use);

  test.each(['forceFlush', 'shutdown'] as const)('exports calls that ended just before its %s', async (ends) => {
    await call();
    await call();
    await provider[ends]();
    expect(exported).toEqual(['chat gpt-4o', 'chat gpt-4o']);
  });

  test('flushes as often as it is told to', async () => {
    for (const _each of [1, 2]) {
      await call();
      await provider.forceFlush();
    }
    expect(exported).toHaveLength(2);
  });
});

test('says what went wrong as before', async () => {
  provider.forceFlush = () => Promise.reject(new Error('no connection'));
  instrumentation.setTracerProvider(provider);
  await call();
  await expect(provider.forceFlush()).rejects.toThrow('no connection');
});

test('a provider that cannot be changed is used as it is', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  instrumentation.setTracerProvider(Object.freeze(provider));
  await call();
  finishPendingWork();
  await provider.forceFlush();
  expect(exported).toEqual(['chat gpt-4o']);
});
