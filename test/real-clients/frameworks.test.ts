import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { asObject } from '../../src/util/json-read.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { type FixtureServer, routeByPath, startFixtureServer } from '../support/fixture-server.ts';
import { placeApp } from './place-app.ts';

const GEMINI = '/v1beta/models/gemini-3-flash-preview';
const CLAUDE = '/model/anthropic.claude-sonnet-4-5-20250929-v1:0';
const always = (): boolean => true;
const never = (): boolean => false;

/** What the stand-in bills for its plain answer. */
const BILL = { input: 24, output: 9, total: 33 };

describe('frameworks', () => {
  let server: FixtureServer;
  let before: AppRun;
  let after: AppRun;
  beforeAll(async () => {
    const app = placeApp('frameworks.mjs');
    server = await startFixtureServer(
      routeByPath({
        [`${GEMINI}:generateContent`]: { fixture: 'gcp.gemini.generate_content tools', isStream: never },
        [`${GEMINI}:streamGenerateContent`]: { fixture: 'gcp.gemini.generate_content tools', isStream: always },
        [`${CLAUDE}/converse`]: { fixture: 'aws.bedrock.converse tools', isStream: never },
        [`${CLAUDE}/converse-stream`]: {
          fixture: 'aws.bedrock.converse tools',
          isStream: always,
          streamType: 'application/vnd.amazon.eventstream',
        },
      }),
    );
    const environment = { FIXTURE_URL: server.url };
    before = await runAppProcess(app, { environment });
    server.exchanges.length = 0;
    after = await runAppProcess(app, { environment, flags: ['--require', 'otel-langfuse/register'] });
  }, 150_000);
  afterAll(() => server.close());

  test('behave as before', () => {
    expectSameRun(before, after);
    const failed = Object.entries(before.scenarios).filter(
      ([, scenario]) => !JSON.stringify(scenario).startsWith('{"value":'),
    );
    expect(failed).toEqual([]);
  });

  test('each call is one span with the tokens that were billed', () => {
    const spans = after.spans.map(({ attributes }) => [
      attributes['gen_ai.request.model'],
      JSON.parse(String(attributes['langfuse.observation.usage_details'])),
    ]);
    const fromStandIn = after.exchanges.map(({ path, body }) => [
      body.model,
      path.endsWith('/embeddings') ? { input: 24, total: 24 } : BILL,
    ]);
    const fromFixtures = server.exchanges.map(({ path, fixture: { expected } }) => [
      path.startsWith('/model/') ? 'anthropic.claude-sonnet-4-5-20250929-v1:0' : 'gemini-3-flash-preview',
      asObject(expected.disjoint)?.usage,
    ]);
    expect(server.exchanges).toHaveLength(4);
    expect(spans.toSorted(byText)).toEqual([...fromStandIn, ...fromFixtures].toSorted(byText));
  });
});

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
