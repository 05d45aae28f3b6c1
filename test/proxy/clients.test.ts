import path from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { asObject } from '../../src/util/json-read.ts';
import { writeApp } from '../behaviour/apps.ts';
import { countBy, expectedUsage, isUsageReported, scenarioOf } from '../behaviour/expected-spans.ts';
import { placeApp } from '../real-clients/place-app.ts';
import { ensureClients } from '../support/ensure-clients.ts';
import { type Route, startFixtureServer } from '../support/fixture-server.ts';
import { runNode } from '../support/run-process.ts';
import { CERTIFICATE, startSessionServer } from '../support/session-server.ts';
import { type StandInExchange, startStandInProvider } from '../support/stand-in-provider.mjs';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { recordingProxy } from './proxies.ts';

const TLS = path.join(import.meta.dirname, '../fixtures/tls');
/** Nobody sells the models, which are named after what happens to them. */
const QUIET = { OTEL_LANGFUSE_LOG_LEVEL: 'info' };

let clients = '';
beforeAll(() => {
  clients = ensureClients();
}, 120_000);

/** What an app saw, as it printed it; addresses, dates and how long connections are kept are replaced. */
async function run(file: string, base: string, env: Record<string, string>, flags: string[] = []): Promise<unknown> {
  const { code, stdout, stderr } = await runNode(['--expose-gc', ...flags, file], {
    cwd: path.dirname(file),
    env: { HOME: clients, REFUSED_URL: 'http://127.0.0.1:1', ...env },
    timeout: 50_000,
  });
  expect(code, stderr).toBe(0);
  const [last = ''] = stdout.trim().split('\n').toReversed();
  const seen = last
    .replaceAll(base.replace(/^https?:\/\//, ''), 'provider.test')
    .replaceAll(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '<date>')
    .replaceAll(/timeout=\d+/g, 'timeout=<seconds>');
  return { ...JSON.parse(seen), stderr };
}

function usageOf({ attributes }: ReceivedSpan): unknown {
  const usage = attributes['langfuse.observation.usage_details'];
  return usage === undefined ? undefined : JSON.parse(String(usage));
}

function spanOf(spans: readonly ReceivedSpan[], { responseId }: StandInExchange): ReceivedSpan | undefined {
  return spans.find(({ attributes }) => attributes['gen_ai.response.id'] === responseId);
}

describe.each([
  { title: 'openai 4', module: 'openai4', family: 'openai' },
  { title: 'openai 6', module: 'openai6', family: 'openai' },
  { title: 'openai 7', module: 'openai7', family: 'openai' },
  { title: '@anthropic-ai/sdk 0', module: 'anthropic0', family: 'anthropic' },
  { title: '@anthropic-ai/sdk 1', module: 'anthropic1', family: 'anthropic' },
] as const)('$title', (client) => {
  test('sees the same through the proxy, whatever happens, and each call is a span', { timeout: 120_000 }, async () => {
    const file = await writeApp(clients, { ...client, tracesNatively: false }, 'esm');
    const [here, there] = await Promise.all([startStandInProvider(), startStandInProvider()]);
    onTestFinished(() => Promise.all([here.close(), there.close()]).then(() => {}));
    const proxy = await recordingProxy({ [client.family]: there.url }, { env: QUIET });
    const base = `${proxy.url}/${client.family}`;
    const [direct, proxied] = await Promise.all([
      run(file, here.url, { STAND_IN_URL: here.url }),
      run(file, base, { STAND_IN_URL: base }),
    ]);
    expect(proxied).toEqual(direct);
    const asked = ({ requests }: typeof here): string[] =>
      requests.map(({ path: target, body }) => JSON.stringify({ target, body })).toSorted();
    expect(asked(there)).toEqual(asked(here));

    const spans = await proxy.spansAtEnd();
    const calls = there.requests.filter(({ body }) => body.model !== undefined);
    expect(countBy(spans, scenarioOf)).toEqual(countBy(calls, ({ body }) => String(body.model)));
    const reported = calls.filter((exchange) => exchange.responseId && isUsageReported(exchange));
    expect(reported.length).toBeGreaterThan(0);
    for (const exchange of reported) {
      const span = spanOf(spans, exchange);
      const usage = Object.entries(asObject(span && usageOf(span)) ?? {}).filter(([, count]) => count !== 0);
      expect(Object.fromEntries(usage), exchange.body.model).toEqual(expectedUsage(exchange));
      expect(span?.attributes['gen_ai.provider.name']).toBe(client.family);
    }
  });
});

const VENDORS: Readonly<Record<string, string>> = {
  '/v2/chat': 'cohere.chat reasoning',
  '/v2/embed': 'cohere.embed texts',
  '/v2/rerank': 'cohere.rerank searches',
  '/v1/embeddings': 'openai.embeddings mistral',
  '/v1/chat/completions': 'openai.chat mistral',
  '/v1/conversations': 'mistral_ai.conversations search',
  '/openai/v1/chat/completions': 'openai.chat groq',
};

const ROUTES: Readonly<Record<string, Route>> = {
  'vendor-clients.mjs': (target, body) => {
    const fixture = VENDORS[target];
    return fixture === undefined ? undefined : { fixture, streamed: body.stream === true };
  },
  'google.mjs': (target) => {
    if (target.endsWith(':generateContent')) return { fixture: 'gcp.gemini.generate_content tools' };
    if (target.endsWith(':streamGenerateContent'))
      return { fixture: 'gcp.gemini.generate_content tools', streamed: true };
    return target.endsWith(':batchEmbedContents') ? { fixture: 'gcp.gemini.embeddings batch' } : undefined;
  },
};

describe('clients of the vendors', () => {
  test.each([
    ['vendor-clients.mjs', 'VENDOR_URL'],
    ['google.mjs', 'GOOGLE_URL'],
  ])('%s', { timeout: 120_000 }, async (name, variable) => {
    const file = placeApp(name);
    const route = ROUTES[name] as Route;
    const [here, there] = await Promise.all([startFixtureServer(route), startFixtureServer(route)]);
    onTestFinished(() => Promise.all([here.close(), there.close()]).then(() => {}));
    const proxy = await recordingProxy({ vendor: there.url }, { env: QUIET });
    const base = `${proxy.url}/vendor`;
    const direct = await run(file, here.url, { [variable]: here.url });
    const proxied = await run(file, base, { [variable]: base });
    expect(proxied).toEqual(direct);

    const spans = await proxy.spansAtEnd();
    const usages = there.exchanges.map(({ fixture }) => asObject(fixture.expected.disjoint)?.usage);
    // The app leaves some streams in the middle, which then have no usage, or an estimate.
    const exact = spans.filter(({ attributes }) => !JSON.stringify(attributes).includes('stream-incomplete'));
    expect(exact.length).toBeGreaterThan(0);
    for (const span of exact.filter((candidate) => usageOf(candidate) !== undefined && candidate.status.code !== 2))
      expect(usages).toContainEqual(usageOf(span));
  });
});

describe('WebSockets', () => {
  test('of ws, openai, Google and the platform, over TLS on both sides', { timeout: 120_000 }, async () => {
    const flags = typeof WebSocket === 'undefined' ? ['--experimental-websocket', '--no-warnings'] : [];
    const file = placeApp('websockets.mjs');
    const [here, there] = await Promise.all([startSessionServer(clients), startSessionServer(clients)]);
    onTestFinished(() => Promise.all([here.close(), there.close()]).then(() => {}));
    const trust = { NODE_EXTRA_CA_CERTS: CERTIFICATE };
    const tls = ['--tls-certificate', CERTIFICATE, '--tls-key', path.join(TLS, 'key.pem'), '--host', 'localhost'];
    const proxy = await recordingProxy({ realtime: there.url }, { env: { ...QUIET, ...trust }, parameters: tls });
    const base = `${proxy.url}/realtime`;
    const direct = await run(file, here.url, { REALTIME_URL: here.url, ...trust }, flags);
    const proxied = await run(file, base, { REALTIME_URL: base, ...trust }, flags);
    expect(proxied).toEqual(direct);
    // By scenario or path, and Google's client makes two slashes of the one after a bare host.
    expect(Object.values(there.received)).toEqual(expect.arrayContaining(Object.values(here.received)));

    const spans = await proxy.spansAtEnd();
    const sessions = spans.filter(({ name }) => name.startsWith('realtime_session'));
    expect(sessions.length).toBeGreaterThan(10);
    const turns = spans.filter(({ name }) => !name.startsWith('realtime_session'));
    expect(turns.map(usageOf)).toContainEqual({
      input: 55,
      input_cached_tokens: 64,
      input_audio_tokens: 13,
      output: 30,
      output_audio_tokens: 91,
      total: 253,
    });
    expect(turns.every(({ parentSpanId }) => sessions.some(({ spanId }) => spanId === parentSpanId))).toBe(true);
  });
});
