import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { expectedUsage } from '../behaviour/expected-spans.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';
import { recordingProxy, until } from './proxies.ts';

/** Requests as the openai package of PyPI sent them; see capture-python.mjs. */
const RECORDED = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/proxy/python-openai.json'), 'utf8'),
) as readonly string[];

const CALLS = path.join(import.meta.dirname, 'python/calls.py');

const HAS_CLIENT = spawnSync('python3', ['-c', 'import openai']).status === 0;

/** Whether an answer is there to its end. */
function isWhole(answer: string): boolean {
  const [head = '', body] = answer.split(/\r\n\r\n(.*)/s);
  const [, length] = /^content-length: (\d+)/im.exec(head) ?? [];
  if (body === undefined) return false;
  return length === undefined ? body.endsWith('0\r\n\r\n') : body.length === Number(length);
}

/** Sends the requests over one connection, each after the answer to the one before, as the client did. */
async function replay(url: string): Promise<void> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1')));
  for (const request of RECORDED) {
    answer = '';
    socket.write(request);
    await until(() => isWhole(answer));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  }
}

async function runClient(url: string): Promise<void> {
  await promisify(execFile)('python3', [CALLS, url]);
}

function usageOf({ attributes }: ReceivedSpan): object {
  const usage = JSON.parse(String(attributes['langfuse.observation.usage_details'])) as Record<string, number>;
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => count !== 0));
}

async function expectRecorded(call: (url: string) => Promise<void>): Promise<void> {
  const openai = await startStandInProvider();
  onTestFinished(() => openai.close());
  const proxy = await recordingProxy({ openai: openai.url });
  await call(proxy.url);
  const spans = await proxy.spansAtEnd();
  expect(openai.requests.map(({ body }) => body.model)).toEqual(['python-chat', 'python-stream', 'python-responses']);
  expect(spans.map(({ attributes }) => attributes['gen_ai.response.id'])).toEqual(
    openai.requests.map(({ responseId }) => responseId),
  );
  expect(spans.map(usageOf)).toEqual(openai.requests.map(expectedUsage));
  for (const { attributes } of spans) {
    expect(attributes).toMatchObject({ 'user.id': 'ada', 'session.id': 'python' });
    expect(String(attributes['langfuse.observation.input'])).toContain('Is 91 prime?');
  }
  for (const { headers } of openai.requests) {
    expect(headers['authorization']).toBe('Bearer sk-python');
    expect(headers['x-langfuse-user-id']).toBeUndefined();
  }
}

test('calls of the openai package of Python, as they were recorded, are spans with the tokens of the bill', async () => {
  await expectRecorded(replay);
});

test.skipIf(!HAS_CLIENT)(
  'and so are those of the one that is here (SKIPPED without python3 and its openai package)',
  async () => {
    await expectRecorded(runClient);
  },
);
