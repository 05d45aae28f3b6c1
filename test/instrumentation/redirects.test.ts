import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attributes } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';

const ANSWER = {
  model: 'gpt-4o-mini-2024-07-18',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
};

const exporter = new InMemorySpanExporter();
const instrumentation = new LlmInstrumentation({ enabled: false });
let base: string;

/** `/<status>/<path>` redirects to `<path>`. */
const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const [, status, path] = /^\/(30\d)(\/.*)$/.exec(request.url ?? '') ?? [];
    if (status) return response.writeHead(Number(status), { location: path }).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(ANSWER));
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  instrumentation.setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  instrumentation.enable();
});

afterAll(() => {
  instrumentation.disable();
  server.closeAllConnections();
  server.close();
});

beforeEach(() => exporter.reset());

function attributesOfSpans(): Attributes[] {
  finishPendingWork();
  return exporter.getFinishedSpans().map(({ attributes }) => attributes);
}

function post(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${base}${path}`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
    ...init,
  });
}

test.each(['/307/v1/chat/completions', '/308/307/v1/chat/completions'])(
  'a fetch that is sent on to %s is one call',
  async (path) => {
    expect(await (await post(path)).json()).toEqual(ANSWER);
    expect(attributesOfSpans()).toMatchObject([{ 'gen_ai.usage.input_tokens': 9 }]);
  },
);

test('fetches that are sent on at once are counted once each', async () => {
  const responses = await Promise.all(Array.from({ length: 8 }, () => post('/307/v1/chat/completions')));
  await Promise.all(responses.map((response) => response.text()));
  expect(attributesOfSpans()).toHaveLength(8);
});

test('a redirect that the app follows itself is a call without usage, and a call with it', async () => {
  const response = await post('/307/v1/chat/completions', { redirect: 'manual' });
  await response.text();
  await (await post(response.headers.get('location') ?? '')).json();
  expect(attributesOfSpans().map((attributes) => attributes['gen_ai.usage.input_tokens'])).toEqual([undefined, 9]);
});

test('speech is billed by the answer, not by the redirect to it', async () => {
  await new Promise<void>((resolve) => {
    const request = http.request(`${base}/307/v1/audio/speech`, { method: 'POST' }, (response) =>
      response.resume().on('end', resolve),
    );
    request.end(JSON.stringify({ model: 'tts-1', input: 'Hello' }));
  });
  const [attributes] = attributesOfSpans();
  expect(attributes).toMatchObject({ 'gen_ai.request.model': 'tts-1' });
  expect(attributes).not.toHaveProperty('otel_langfuse.usage.billing');
});
