import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { asObject } from '../../src/util/json-read.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import {
  type FixtureExchange,
  type FixtureServer,
  routeByPath,
  startFixtureServer,
} from '../support/fixture-server.ts';
import { placeApp } from './place-app.ts';

const LINES = 'application/stream+json';
const NDJSON = 'application/x-ndjson';

const ROUTES: Parameters<typeof routeByPath>[0] = {
  '/v2/chat': { fixture: 'cohere.chat reasoning' },
  '/v2/embed': { fixture: 'cohere.embed texts' },
  '/v2/rerank': { fixture: 'cohere.rerank searches' },
  '/v1/chat': { fixture: 'cohere.chat version-1', streamType: LINES },
  '/v1/generate': { fixture: 'cohere.generate plain', streamType: LINES },
  '/api/chat': { fixture: 'ollama.chat tools', streamType: NDJSON },
  '/api/generate': { fixture: 'ollama.generate plain', streamType: NDJSON },
  '/api/embed': { fixture: 'ollama.embed batch' },
  '/v1/chat/completions': { fixture: 'openai.chat mistral' },
  '/v1/agents/completions': { fixture: 'openai.chat mistral' },
  '/v1/fim/completions': { fixture: 'openai.completions between' },
  '/v1/conversations': { fixture: 'mistral_ai.conversations search' },
  '/v1/embeddings': { fixture: 'openai.embeddings mistral' },
  '/openai/v1/chat/completions': { fixture: 'openai.chat groq' },
};

/** What a call is to come out as. */
function billOf({ fixture }: FixtureExchange): unknown[] {
  const { usage } = asObject(fixture.expected.disjoint) ?? {};
  const { responseId } = asObject(fixture.expected.response) ?? {};
  return [responseId, usage];
}

describe('clients of the vendors', () => {
  let server: FixtureServer;
  let before: AppRun;
  let after: AppRun;
  beforeAll(async () => {
    const app = placeApp('vendor-clients.mjs');
    server = await startFixtureServer(routeByPath(ROUTES));
    const environment = { VENDOR_URL: server.url };
    before = await runAppProcess(app, { environment });
    server.exchanges.length = 0;
    after = await runAppProcess(app, {
      flags: ['--require', 'otel-langfuse/register'],
      // Nobody sells these models at that provider, which would be said.
      environment: { ...environment, OTEL_LANGFUSE_PROVIDERS: '127.0.0.1=tidal', OTEL_LANGFUSE_LOG_LEVEL: 'error' },
    });
  }, 150_000);
  afterAll(() => server.close());

  test('behave as before', () => {
    expectSameRun(before, after);
    expect(after.stderr).toEqual(before.stderr);
    const failed = Object.entries(before.scenarios).filter(([, scenario]) =>
      JSON.stringify(scenario).includes('"error"'),
    );
    expect(failed).toEqual([]);
  });

  test('each call is one span with exactly the usage of its answer', () => {
    expect(server.exchanges.length).toBe(Object.keys(after.scenarios).length);
    const spans = after.spans.map(({ attributes }) => [
      attributes['gen_ai.response.id'],
      JSON.parse(String(attributes['langfuse.observation.usage_details'])),
    ]);
    const bills = server.exchanges.map(billOf);
    expect(spans.map((span) => JSON.stringify(span)).toSorted()).toEqual(
      bills.map((bill) => JSON.stringify(bill)).toSorted(),
    );
  });

  test('each span is of the provider that the environment names', () => {
    const providers = after.spans.map(({ attributes }) => attributes['gen_ai.provider.name']);
    expect(new Set(providers)).toEqual(new Set(['tidal']));
  });
});
