import { beforeAll, describe, expect, test } from 'vitest';
import { ensureClients } from '../support/ensure-clients.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { type AppRun, runAppProcess } from './app-process.ts';
import { CLIENTS, type Client, VARIANTS, writeApp } from './apps.ts';
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

const ERROR = 2;
/** Real installs load the preload by name; a bundle is started without its `node_modules`. */
const PRELOADS: Record<string, readonly string[]> = {
  cjs: ['--require', 'otel-langfuse/register'],
  esm: ['--import', 'otel-langfuse/register'],
  'dynamic import': ['--require', 'otel-langfuse/register', '--import', 'otel-langfuse/register'],
  worker: ['--require', 'otel-langfuse/register'],
  bundle: ['--require', 'otel-langfuse/register'],
};

let directory = '';
beforeAll(() => {
  directory = ensureClients();
}, 120_000);

describe.each(CLIENTS)('$name', (client) => {
  test.each(VARIANTS)('behaves as before in an app of the kind: %s', { timeout: 60_000 }, async (variant) => {
    const file = await writeApp(directory, client, variant);
    const [before, after] = await Promise.all([runAppProcess(file), runAppProcess(file, PRELOADS[variant])]);

    expect(before.exit, before.stderr).toEqual({ code: 0, signal: null });
    expect(Object.keys(before.scenarios)).not.toEqual([]);
    expect(after.exit, after.stderr).toEqual({ code: 0, signal: null });
    expect(after.scenarios).toEqual(before.scenarios);
    expect(after.events).toEqual([]);
    expect(after.exchanges.map(asked)).toEqual(before.exchanges.map(asked));
    expectSpans(client, after);
  });
});

/** What the provider sees of an app must not change either. */
const asked = ({ path: target, body }: AppRun['exchanges'][number]): unknown => ({ target, body });

function expectSpans(client: Client, { spans: all, exchanges }: AppRun): void {
  // The app makes no spans itself.
  const spans = all.filter((span) => span.attributes['langfuse.observation.type'] !== undefined);
  expect(countBy(spans, scenarioOf)).toEqual(expectedSpans(client, exchanges));
  expect(spans.filter((span) => BigInt(span.endTimeUnixNano) < BigInt(span.startTimeUnixNano))).toEqual([]);

  const errors = spans.filter((span) => span.status.code === ERROR);
  expect(decided(countBy(errors, scenarioOf))).toEqual(decided(expectedErrors(client, exchanges)));

  const byResponse = new Map(spans.map((span) => [span.attributes['gen_ai.response.id'], span]));
  const reported = exchanges.filter(isUsageReported);
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
