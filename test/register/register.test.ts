import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { runApp, type RunOptions } from './run-app.ts';

const generations = (spans: ReceivedSpan[]): ReceivedSpan[] =>
  spans.filter((span) => span.attributes['langfuse.observation.type'] === 'generation');

const ids = (spans: ReceivedSpan[]): string[] => spans.map((span) => span.spanId).toSorted();

const USAGE = { input: 24, output: 9, total: 33 };
const usageOf = (span: ReceivedSpan | undefined): unknown =>
  JSON.parse(String(span?.attributes['langfuse.observation.usage_details']));
const costOf = (span: ReceivedSpan | undefined): unknown =>
  JSON.parse(String(span?.attributes['langfuse.observation.cost_details']));

describe('the preload', () => {
  test.each([['--require'], ['--import']])('%s: a call is a generation with usage and cost', async (flag) => {
    const { code, stderr, spans } = await runApp('plain.mjs', { flags: [flag, 'otel-langfuse/register'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(spans.map((span) => span.name)).toEqual(['chat gpt-4o', 'chat gpt-4o']);
    for (const span of spans) {
      expect(usageOf(span)).toEqual(USAGE);
      expect(costOf(span)).toEqual({ input: 0.000_06, output: 0.000_09, total: 0.000_15 });
    }
    expect(spans[1]?.attributes['langfuse.observation.completion_start_time']).toBeDefined();
  });

  test('without keys, calls stay in the spool, and one line says so', async () => {
    const { code, stderr, spans } = await runApp('plain.mjs', { keys: false });
    expect(code).toBe(0);
    expect(spans).toEqual([]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY not set.*kept in .*otel-langfuse report/);
  });

  test('without keys, the line names the spool that was asked for', async () => {
    const directory = path.join(temporaryDirectory(), 'spool');
    const { stderr } = await runApp('own-spool.mjs', { flags: [], argument: directory, keys: false });
    expect(stderr).toContain(`kept in ${directory};`);
  });

  test('a bad setting is named with what to write instead, and the app runs on', async () => {
    const { code, stderr, spans } = await runApp('plain.mjs', {
      environment: () => ({ OTEL_LANGFUSE_DURABILITY: 'forever' }),
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/OTEL_LANGFUSE_DURABILITY="forever" is not valid: write one of batch/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(spans).toHaveLength(2);
  });

  test('can be switched off', async () => {
    const { stderr, spans } = await runApp('plain.mjs', { environment: () => ({ OTEL_LANGFUSE_DISABLED: 'true' }) });
    expect({ stderr, spans }).toEqual({ stderr: '', spans: [] });
  });

  test('content can be switched off; usage and cost stay', async () => {
    const { spans } = await runApp('plain.mjs', {
      environment: () => ({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'false' }),
    });
    expect(usageOf(spans[0])).toEqual(USAGE);
    expect(JSON.stringify(spans)).not.toMatch(/Weather|sunny/);
  });
});

describe('the end of the process', () => {
  test.each([
    ['process.exit', 'exit', 3],
    ['an uncaught exception', 'throw', 1],
  ])('%s: the exit code is kept and no span is lost, the call under way included', async (_, argument, expected) => {
    const { code, spans } = await runApp('exits-at-once.mjs', { argument, followedBy: 'plain.mjs' });
    expect(code).toBe(expected);
    expect(new Set(ids(spans)).size).toBe(spans.length);
    const cut = spans.filter((span) =>
      String(span.attributes['langfuse.observation.metadata.problems']).includes('response-unread'),
    );
    expect([spans.length, cut.length]).toEqual([2 + 1 + 2, 1]);
  });
});

/** Runs an app with a Langfuse that answers with this status, or never; says how long it took. */
async function runWithAnswer(name: string, options: RunOptions & { status?: number }) {
  const langfuse = createServer((request, response) => {
    request.resume();
    if (options.status) response.writeHead(options.status).end('{}');
  }).listen(0, '127.0.0.1');
  onTestFinished(() => (langfuse.closeAllConnections(), void langfuse.close()));
  await once(langfuse, 'listening');
  const LANGFUSE_BASE_URL = `http://127.0.0.1:${(langfuse.address() as AddressInfo).port}`;
  const from = performance.now();
  const result = await runApp(name, { ...options, environment: () => ({ LANGFUSE_BASE_URL }) });
  return { ...result, milliseconds: performance.now() - from };
}

describe('the end of the process while Langfuse does not answer', () => {
  test.each([
    ['nothing left to do', 'signals-itself.mjs', '', { code: 0, signal: null }],
    ['SIGTERM', 'signals-itself.mjs', 'SIGTERM', { code: null, signal: 'SIGTERM' }],
    ['shutdown', 'flushes.mjs', 'shutdown', { code: 0, signal: null }],
  ])('%s: it is not held up', async (_, name, argument, expected) => {
    const { milliseconds, ...ended } = await runWithAnswer(name, { argument });
    expect(ended).toMatchObject({ ...expected, stderr: '' });
    // Two seconds, and what a busy machine takes for a process.
    expect(milliseconds).toBeLessThan(10_000);
  });
});

describe('a flush', () => {
  test.each([
    ['delivered', 200],
    ['durable', 401],
  ])('says %s where Langfuse answers %d', async (outcome, status) => {
    const { stdout } = await runWithAnswer('flushes.mjs', { status });
    expect(stdout).toBe(`${outcome}\n`);
  });
});

describe('beside other OpenTelemetry', () => {
  test("an app's own SDK, started later, gets its spans, and Langfuse the same", async () => {
    const { code, stderr, stdout, spans } = await runApp('own-sdk.mjs');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const own = JSON.parse(stdout) as { name: string; id: string }[];
    expect(own.map(({ name }) => name).toSorted()).toEqual(['chat gpt-4o', 'request']);
    expect(spans.map((span) => span.spanId).toSorted()).toEqual(own.map(({ id }) => id).toSorted());
    const call = generations(spans)[0];
    expect(spans.find((span) => span.name === 'request')?.spanId).toBe(call?.parentSpanId);
  });

  test('OTEL_EXPORTER_OTLP_ENDPOINT: the same spans also go there', async () => {
    const { code, spans, elsewhere } = await runApp('plain.mjs', {
      environment: ({ url }) => ({
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      }),
    });
    expect(code).toBe(0);
    expect(ids(elsewhere)).toEqual(ids(spans));
    expect(elsewhere).toHaveLength(2);
    expect(elsewhere[0]?.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 24,
      'gen_ai.usage.output_tokens': 9,
    });
  });

  test('takes no global place of the API, whose version would bind every other copy', async () => {
    const { stdout, spans } = await runApp('global-places.mjs');
    expect(JSON.parse(stdout)).toEqual([null, null]);
    expect(spans).toHaveLength(1);
  });

  test("an app's own OTLP exporter gets the same spans as Langfuse", async () => {
    const { code, spans, elsewhere } = await runApp('vendor-neutral.mjs', {
      environment: ({ url }) => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/v1/traces` }),
    });
    expect(code).toBe(0);
    expect(ids(elsewhere)).toEqual(ids(spans));
    expect(elsewhere).toHaveLength(2);
  });

  test('an existing pipeline takes instrumentation and exporter; disabled means restored', async () => {
    const { code, stdout, spans } = await runApp('existing-pipeline.mjs', { flags: [] });
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, restored: true });
    expect(spans.map(usageOf)).toEqual([USAGE]);
  });

  test('an exporter alone asks for the calls that have just ended when the process ends', async () => {
    const next = { flags: [], followedBy: 'existing-pipeline.mjs' };
    const { code, spans } = await runApp('exporter-exits-at-once.mjs', next);
    expect(code).toBe(3);
    expect(spans.map(usageOf)).toEqual([USAGE, USAGE]);
  });

  test('registerInstrumentations takes it and gives the globals back', async () => {
    const { code, stdout, spans } = await runApp('register-instrumentations.mjs', { flags: [] });
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, patched: true, restored: true });
    expect(spans.map(usageOf)).toEqual([USAGE]);
  });

  test('register() does in code what the preload does, once', async () => {
    const { code, stdout, spans } = await runApp('register-in-code.mjs', { flags: [] });
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, same: true, restored: true });
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes).toMatchObject({ 'langfuse.environment': 'staging', 'langfuse.release': '7' });
  });

  test('register() after the preload changes nothing', async () => {
    const { spans } = await runApp('register-in-code.mjs');
    expect(spans).toHaveLength(1);
  });

  test('an HTTP instrumentation finds our span as the parent of its request', async () => {
    const { stdout, spans } = await runApp('http-instrumentation.mjs');
    expect(JSON.parse(stdout)).toContain(spans[0]?.spanId);
  });
});

test('withLlmContext: who, what for and from which prompt, on every call inside', async () => {
  const { spans } = await runApp('context.mjs');
  const [plain, streamed] = generations(spans);
  expect(plain?.attributes).toMatchObject({
    'user.id': 'ada',
    'session.id': 's1',
    'langfuse.trace.tags': ['beta', 'feature:search'],
    'langfuse.trace.metadata.feature': 'search',
  });
  expect(streamed?.attributes).toMatchObject({
    'user.id': 'bob',
    'session.id': 's1',
    'langfuse.observation.prompt.name': 'answer',
    'langfuse.observation.prompt.version': 2,
  });
  // The request leads to the calls; the database query does not.
  expect(spans.map((span) => span.name).toSorted()).toEqual(['chat gpt-4o', 'chat gpt-4o', 'request']);
  expect(spans.find((span) => span.name === 'request')?.attributes['langfuse.internal.as_root']).toBe(true);
});
