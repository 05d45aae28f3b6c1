import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { modelOfPath } from '../../src/protocol/google-path.ts';
import { asObject } from '../../src/util/json-read.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { type FixtureExchange, type Route, startFixtureServer } from '../support/fixture-server.ts';
import { placeApp } from './place-app.ts';

const GENERATE = 'gcp.gemini.generate_content';
const EMBED = 'gcp.gemini.embeddings';
/** The app leaves the streams of this model, so what they have cost is not known. */
const LEFT = 'gemini-2.5-flash-lite';

/** What the end of a path or the model in it asks for. */
const ROUTES: readonly (readonly [path: RegExp, protocol: string, name: string, streamed?: boolean])[] = [
  [/gemini-nonsense:/, GENERATE, 'invalid'],
  [/gemini-2.5-pro:generateContent$/, GENERATE, 'search'],
  [/gemini-2.5-pro:streamGenerateContent$/, GENERATE, 'search', true],
  [/:generateContent$/, GENERATE, 'tools'],
  [/:streamGenerateContent$/, GENERATE, 'tools', true],
  [/:batchEmbedContents$/, EMBED, 'batch'],
  [/:embedContent$/, EMBED, 'embed'],
  [/:predict$/, EMBED, 'predict'],
];

const route: Route = (path, body) => {
  if (path.endsWith('/interactions'))
    return { fixture: 'gcp.gemini.interactions tools', streamed: body.stream === true };
  const [, protocol, name, streamed = false] = ROUTES.find(([pattern]) => pattern.test(path)) ?? [];
  return protocol === undefined ? undefined : { fixture: `${protocol} ${name}`, streamed };
};

async function run(app: string, flags: readonly string[] = []): Promise<AppRun & { answered: FixtureExchange[] }> {
  const server = await startFixtureServer(route);
  try {
    const result = await runAppProcess(app, { flags, environment: { GOOGLE_URL: server.url } });
    return { ...result, answered: server.exchanges };
  } finally {
    await server.close();
  }
}

describe('@google/genai', () => {
  let before: Awaited<ReturnType<typeof run>>;
  let after: typeof before;
  beforeAll(async () => {
    const app = placeApp('google.mjs');
    [before, after] = await Promise.all([run(app), run(app, ['--require', 'otel-langfuse/register'])]);
  }, 150_000);

  test('behaves as before', () => {
    expectSameRun(before, after);
    const failed = Object.entries(before.scenarios).filter(([, seen]) => !JSON.stringify(seen).startsWith('{"value":'));
    expect([...new Set(failed.map(([name]) => name.replace(/.*: /, '')))]).toEqual(['an error', 'counted tokens']);
  });

  test('each call is one span with the tokens that were billed', () => {
    const seen = after.spans.map(({ attributes }) => ({
      model: attributes['gen_ai.request.model'],
      operation: attributes['gen_ai.operation.name'],
      provider: attributes['gen_ai.provider.name'],
      usage: JSON.parse(String(attributes['langfuse.observation.usage_details'] ?? null)),
    }));
    const billed = after.answered.map(({ path, fixture: { protocol, expected } }) => ({
      model: modelOfPath(path) ?? 'gemini-2.5-flash',
      operation: protocol.operation,
      provider: path.includes('/publishers/') ? 'gcp.vertex_ai' : 'gcp.gemini',
      usage: asObject(expected.disjoint)?.usage ?? null,
    }));
    expect(billed.length).toBeGreaterThanOrEqual(20);
    const [spans, bills] = [seen, billed].map((calls) => calls.filter(({ model }) => model !== LEFT).toSorted(byText));
    expect(spans).toEqual(bills);
    expect(seen.filter(({ model }) => model === LEFT)).toHaveLength(
      billed.filter(({ model }) => model === LEFT).length,
    );
  });
});

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
