import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';

const exporter = new InMemorySpanExporter();
const instrumentation = new LlmInstrumentation({ enabled: false });
const realFetch = globalThis.fetch;

beforeAll(() => {
  globalThis.fetch = async () => Response.json({ ok: true });
  instrumentation.setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  instrumentation.enable();
});

afterAll(() => {
  instrumentation.disable();
  globalThis.fetch = realFetch;
});

async function spansOf(body: object): Promise<number> {
  exporter.reset();
  const response = await fetch('http://localhost:3000/api/chat', { method: 'POST', body: JSON.stringify(body) });
  expect(await response.json()).toEqual({ ok: true });
  finishPendingWork();
  return exporter.getFinishedSpans().length;
}

test('an app’s own API at a path like Ollama’s has no span', async () => {
  expect(await spansOf({ id: 'chat-7', messages: [] })).toBe(0);
  expect(await spansOf({ model: 'llama3.2', messages: [] })).toBe(1);
});
