import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { ensureClients } from '../support/ensure-clients.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { type AppRun, runAppProcess } from './app-process.ts';
import { CLIENTS, type Client, VARIANTS, type Variant, writeApp, writeOwnSdkApp } from './apps.ts';
import {
  type Counts,
  countBy,
  endedByTheApp,
  expectedErrors,
  expectedSpans,
  expectedUsage,
  isUsageReported,
  scenarioOf,
} from './expected-spans.ts';
import { expectedRawErrors, expectedRawSpans } from './expected-raw-spans.ts';

const ERROR = 2;
const NAME = 'otel-langfuse/register';
/** Every way to load the preload is tried in one kind of app, twice over in another. */
const PRELOADS: Record<Variant, readonly string[]> = {
  cjs: ['--require', NAME],
  esm: ['--import', NAME],
  'dynamic import': ['--require', NAME, '--import', NAME],
  worker: ['--require', NAME],
  bundle: ['--require', NAME],
};

let directory = '';
beforeAll(() => {
  directory = ensureClients();
}, 120_000);

/**
 * Once, a stream of a client that traces itself, which the app broke off, had no generation. That is not understood yet; a
 * variant that fails is repeated once, and the report says so.
 */
const OPTIONS = { timeout: 60_000, retry: 1 };

describe.each(CLIENTS)('$title', (client) => {
  test.each(VARIANTS)('behaves as before in an app of the kind: %s', OPTIONS, async (variant) => {
    const file = await writeApp(directory, client, variant);
    const { environment = {} } = client;
    const [before, after] = await Promise.all([
      runAppProcess(file, { environment }),
      runAppProcess(file, { environment, flags: PRELOADS[variant] }),
    ]);
    expectSameBehaviour(before, after);
    // A bundle has a copy of the OpenTelemetry API of its own, which finds no tracer provider: the client's spans are off.
    expectSpans({ ...client, tracesNatively: client.tracesNatively && variant !== 'bundle' }, after);
  });
});

describe('no client library', () => {
  test.each(['--require', '--import'])('fetch and node:http behave as before with %s', async (flag) => {
    const file = path.join(import.meta.dirname, 'run-raw-app.mjs');
    const preload = path.join(directory, 'node_modules', 'otel-langfuse', 'dist', 'preload.js');
    const [before, after] = await Promise.all([runAppProcess(file), runAppProcess(file, { flags: [flag, preload] })]);
    expectSameBehaviour(before, after);

    const spans = llmSpans(after);
    expect(countBy(spans, scenarioOf)).toEqual(expectedRawSpans(after.exchanges));
    const errors = spans.filter((span) => span.status.code === ERROR);
    expect(Object.keys(countBy(errors, scenarioOf)).sort()).toEqual(expectedRawErrors());
  });
});

describe('an app with an SDK of its own', () => {
  test.each(['esm', 'bundle'] as const)('sends its spans to both, in an app of the kind: %s', async (variant) => {
    const file = await writeOwnSdkApp(directory, variant);
    const { scenarios, spans, exit, stderr } = await runAppProcess(file, { flags: ['--require', NAME] });
    expect(exit, stderr).toEqual({ code: 0, signal: null });
    expect(scenarios['exported']).toEqual(expect.arrayContaining(['answer', 'chat gpt-5-mini']));
    const [answer, chat] = ['answer', 'chat gpt-5-mini'].map((name) => spans.find((span) => span.name === name));
    expect(spans).toHaveLength(2);
    expect(chat?.parentSpanId).toBe(answer?.spanId);
  });
});

/** A later Node may say of a client that it is old. */
function isDeprecation(event: unknown): boolean {
  return JSON.stringify(event).includes('"DeprecationWarning"');
}

function expectSameBehaviour(before: AppRun, after: AppRun): void {
  expectSameRun(before, after);
  expect(before.events.filter((event) => !isDeprecation(event))).toEqual([]);
  expect(asked(after)).toEqual(asked(before));
  expect(after.stderr).toEqual(before.stderr);
}

/** What the provider sees of an app must not change either. */
function asked({ exchanges }: AppRun): string[] {
  return exchanges.map(({ path: target, body }) => JSON.stringify({ target, body })).sort();
}

/** The apps make no spans themselves, but a client may make some that are no call of a model, or are around one. */
const llmSpans = ({ spans }: AppRun): ReceivedSpan[] =>
  spans.filter((span) => ['generation', 'embedding'].includes(String(span.attributes['langfuse.observation.type'])));

function expectSpans(client: Client, run: AppRun): void {
  const { exchanges } = run;
  const spans = llmSpans(run);
  expect(countBy(spans, scenarioOf)).toEqual(expectedSpans(client, exchanges));
  expect(spans.filter((span) => BigInt(span.endTimeUnixNano) < BigInt(span.startTimeUnixNano))).toEqual([]);

  const errors = spans.filter((span) => span.status.code === ERROR);
  expect(decided(countBy(errors, scenarioOf))).toEqual(decided(expectedErrors(client, exchanges)));

  const byResponse = new Map(spans.map((span) => [span.attributes['gen_ai.response.id'], span]));
  const reported = exchanges.filter((exchange) => exchange.responseId && isUsageReported(exchange));
  expect(reported.length).toBeGreaterThan(0);
  expect(reported.map(({ body, responseId }) => [body.model, usageOf(byResponse.get(responseId))])).toEqual(
    reported.map((exchange) => [exchange.body.model, expectedUsage(exchange)]),
  );
}

function decided(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([scenario]) => !endedByTheApp(scenario)));
}

function usageOf(span: ReceivedSpan | undefined): Counts {
  const usage: Counts = JSON.parse(String(span?.attributes['langfuse.observation.usage_details'] ?? '{}'));
  return Object.fromEntries(Object.entries(usage).filter(([, count]) => count > 0));
}
