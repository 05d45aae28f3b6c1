import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { modelOfPath } from '../../src/protocol/bedrock.ts';
import { asObject } from '../../src/util/json-read.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import type { WireFixture } from '../support/wire-fixtures.ts';
import { startBedrockServer } from './bedrock-server.ts';
import { placeApp } from './place-app.ts';

type Run = AppRun & { answered: WireFixture[] };

async function run(app: string, flags: readonly string[] = []): Promise<Run> {
  const server = await startBedrockServer();
  try {
    const environment = { BEDROCK_HTTP2_URL: server.urls.http2, BEDROCK_HTTP1_URL: server.urls.http1 };
    return { ...(await runAppProcess(app, { flags, environment })), answered: server.answered };
  } finally {
    server.close();
  }
}

/** Scenarios whose calls are not to succeed. */
const FAILING = ['throttled in a stream', 'throttled', 'an unknown model', 'an abort'];

/** The app leaves the streams of this model, so what they have cost is not known. */
const LEFT = 'amazon.titan-text-express-v1';

type Call = Record<'model' | 'provider' | 'operation' | 'error' | 'usage', unknown>;

describe('@aws-sdk/client-bedrock-runtime, and undici over HTTP/2', () => {
  let before: Run;
  let after: Run;
  beforeAll(async () => {
    const app = placeApp('bedrock.mjs');
    [before, after] = await Promise.all([run(app), run(app, ['--require', 'otel-langfuse/register'])]);
  }, 150_000);

  test('behaves as before', () => {
    expectSameRun(before, after);
    const failed = Object.entries(before.scenarios).filter(([, seen]) => !JSON.stringify(seen).startsWith('{"value":'));
    expect([...new Set(failed.map(([name]) => name.replace(/.*: /, '')))]).toEqual(FAILING);
  });

  test('each call is one span with the tokens that were billed, over either protocol', () => {
    const spans = after.spans.map(({ attributes }): Call => ({
      model: attributes['gen_ai.request.model'],
      provider: attributes['gen_ai.provider.name'],
      operation: attributes['gen_ai.operation.name'],
      error: attributes['error.type'] ?? null,
      usage: attributes['otel_langfuse.usage.estimated']
        ? null
        : JSON.parse(String(attributes['langfuse.observation.usage_details'] ?? null)),
    }));
    const bills = after.answered.map(({ protocol, facts, expected }): Call => ({
      model: modelOfPath(facts.path),
      provider: 'aws.bedrock',
      operation: asObject(expected.request)?.operation ?? protocol.operation,
      error: asObject(expected.error ?? asObject(expected.response)?.error)?.type ?? null,
      usage: asObject(expected.disjoint)?.usage ?? null,
    }));
    expect(bills.length).toBe(2 * 15 + 1);
    expect(spans.map(({ model }) => model).toSorted()).toEqual(bills.map(({ model }) => model).toSorted());
    const [seen, billed] = [spans, bills].map((calls) => calls.filter(({ model }) => model !== LEFT).toSorted(byText));
    expect(seen).toEqual(billed);
  });
});

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
