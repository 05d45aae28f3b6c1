import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { leaveRecords, otelLangfuse } from '../cli/otel-langfuse.ts';
import { KEYS } from '../gateway/legacy/run-sdk-app.ts';
import { attribute, costOf, lastOfEach, named, usageOf } from '../gateway/legacy/sent-spans.ts';
import { startStandInLangfuse } from '../gateway/legacy/stand-in-langfuse.ts';
import { recordingGateway } from '../gateway/gateways.ts';
import { recordingProxy, startUpstream } from '../proxy/proxies.ts';
import { callRecord } from '../report/call-record.ts';
import { calculateCost, estimateCost } from '../../src/cost/index.ts';
import { describeTokens } from '../../src/tokens/index.ts';
import { ensureClients } from '../support/ensure-clients.ts';
import { PLACE } from '../support/place.ts';
import { runNode } from '../support/run-process.ts';
import { type StandInExchange, startStandInProvider } from '../support/stand-in-provider.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The first run installs the packages. */
const TIMEOUT = 150_000;
const ROOT = path.join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(path.join(ROOT, 'docs', 'recipes.md'), 'utf8');

/** The snippets of each section, in their order. */
const SECTIONS: ReadonlyMap<string, readonly string[]> = new Map(
  PAGE.split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), snippetsIn(section)]),
);
const SNIPPETS = [...SECTIONS].flatMap(([section, codes]) => codes.map((_, index) => `${section} ${index}`));
const placed = new Set<string>();

function snippetsIn(section: string): string[] {
  const blocks = section.matchAll(/^( *)```js\n(.*?)^ *```$/gms);
  return [...blocks].map(([, indent = '', code = '']) => code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

/** Writes a snippet to where its imports are those of an app. */
function place(section: string, packages: 'instrumentors' | 'langfuse3', index = 0): { file: string; cwd: string } {
  const code = SECTIONS.get(section)?.[index];
  if (code === undefined) throw new Error(`no such snippet: ${section}`);
  placed.add(`${section} ${index}`);
  const cwd = ensureClients(packages);
  const directory = path.join(cwd, 'node_modules', '.recipes');
  mkdirSync(directory, { recursive: true });
  const file = path.join(directory, `${section.toLowerCase().replaceAll(/\W+/g, '-')}-${index}.mjs`);
  writeFileSync(file, code);
  return { file, cwd };
}

const PRELOAD = ['--require', 'otel-langfuse/register'];
const OPENAI_KEY = { OPENAI_API_KEY: 'sk-test' };
const LANGFUSE_KEYS = { LANGFUSE_PUBLIC_KEY: KEYS.publicKey, LANGFUSE_SECRET_KEY: KEYS.secretKey };

type Langfuse = Awaited<ReturnType<typeof startStandInLangfuse>>;
type Span = Parameters<typeof usageOf>[0];
interface Run {
  stdout: string;
  spans: Span[];
  exchanges: StandInExchange[];
}

async function environment(): Promise<{
  env: Record<string, string>;
  langfuse: Langfuse;
  exchanges: StandInExchange[];
}> {
  const [provider, langfuse] = await Promise.all([startStandInProvider(), startStandInLangfuse()]);
  onTestFinished(() => provider.close());
  const env = {
    ...OPENAI_KEY,
    ...LANGFUSE_KEYS,
    OPENAI_BASE_URL: `${provider.url}/v1`,
    LANGFUSE_BASE_URL: langfuse.baseUrl,
    OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory(),
  };
  return { env, langfuse, exchanges: provider.requests };
}

async function finished(file: string, cwd: string, env: Record<string, string>, flags = PRELOAD): Promise<string> {
  const { code, stdout, stderr } = await runNode([...flags, file], { cwd, env: { HOME: cwd, ...env } });
  expect({ code, stderr: stderr.replaceAll(/^otel-langfuse: no price is known.*\n/gm, '') }).toEqual({
    code: 0,
    stderr: '',
  });
  return stdout.trim();
}

/** Runs a snippet as the page says, to its end. */
async function run(section: string, { index = 0 } = {}): Promise<Run> {
  const { file, cwd } = place(section, 'instrumentors', index);
  const { env, langfuse, exchanges } = await environment();
  const stdout = await finished(file, cwd, env);
  return { stdout, spans: [...langfuse.spans.values()], exchanges };
}

const isOfType = (type: string) => (span: Span) => attribute(span, 'observation.type') === type;
const WHOSE = {
  'user.id': 'user-123',
  'session.id': 'conversation-456',
  'langfuse.trace.tags': expect.arrayContaining(['feature:document-qa']),
};

/** What an exchange costs by the list. */
function billOf({ body, usage }: StandInExchange): number | undefined {
  return usage && estimateCost(String(body.model), usage.input, usage.output);
}

describe('docs/recipes.md', () => {
  test('Every call', { timeout: TIMEOUT }, async () => {
    const { spans, exchanges } = await run('Every call');
    expect(spans).toHaveLength(1);
    expect(spans.map((span) => costOf(span)?.total)).toEqual(exchanges.map(billOf));
  });

  test('Who caused it', { timeout: TIMEOUT }, async () => {
    const { spans } = await run('Who caused it');
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes).toMatchObject({
      ...WHOSE,
      'langfuse.trace.tags': expect.arrayContaining(['feature:document-qa', 'beta']),
      'langfuse.trace.metadata.feature': 'document-qa',
      'langfuse.observation.prompt.name': 'qa',
    });
  });

  test('LangChain', { timeout: TIMEOUT }, async () => {
    const { stdout, spans, exchanges } = await run('LangChain, with `@langfuse/langchain`');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([stdout]));
    for (const span of spans) expect(span.attributes, span.name).toMatchObject(WHOSE);
    const generations = spans.filter(isOfType('generation'));
    expect(generations.map((span) => costOf(span)?.total)).toEqual(exchanges.map(billOf));
  });

  test('Embeddings', { timeout: TIMEOUT }, async () => {
    const { spans, exchanges } = await run('Embeddings');
    expect(exchanges).toHaveLength(1);
    const [tokens] = exchanges.map(({ usage }) => usage?.input ?? 0);
    expect(spans.filter(isOfType('embedding')).map(usageOf)).toEqual([{ input: tokens, total: tokens }]);
    expect(spans.map((span) => costOf(span)?.total)).toEqual([estimateCost('text-embedding-3-small', tokens ?? 0, 0)]);
  });

  test('The former SDK', { timeout: TIMEOUT }, async () => {
    const { file, cwd } = place('`langfuse` 3 and `langfuse-langchain`', 'langfuse3');
    const { gateway, delivery } = await recordingGateway();
    await finished(file, cwd, { ...LANGFUSE_KEYS, LANGFUSE_BASEURL: gateway.url }, []);
    const costs = ['priced here', 'priced by the app', 'custom-llm-call', 'embed-documents'].map(
      (name) => costOf(named(delivery.spans, name))?.total,
    );
    expect(costs).toEqual([estimateCost('gpt-4', 100, 50), 0.0123, undefined, undefined]);
    expect(usageOf(named(delivery.spans, 'custom-llm-call'))).toEqual({ input: 1500, output: 500, total: 2000 });
    expect(attribute(named(delivery.spans, 'embed-documents'), 'observation.metadata.usage')).toContain('4321');
  });

  test('The former handler of LangChain', { timeout: TIMEOUT }, async () => {
    const { file, cwd } = place('`langfuse` 3 and `langfuse-langchain`', 'langfuse3', 1);
    const [{ gateway, delivery }, { env, langfuse, exchanges }] = await Promise.all([
      recordingGateway(),
      environment(),
    ]);
    await finished(file, cwd, { ...env, LANGFUSE_BASEURL: gateway.url }, []);
    expect([...langfuse.spans.values()]).toEqual([]);
    const generations = lastOfEach(delivery.spans).filter(isOfType('generation'));
    expect(generations.map((span) => costOf(span)?.total)).toEqual(exchanges.map(billOf));
    for (const span of generations) expect(span.attributes).toMatchObject(WHOSE);

    await finished(file, cwd, { ...env, LANGFUSE_BASEURL: gateway.url });
    const again = [...langfuse.spans.values()].filter(isOfType('generation'));
    expect(again, 'why not with the preload').toHaveLength(exchanges.length - generations.length);
  });

  test('A call by hand', { timeout: TIMEOUT }, async () => {
    const { spans } = await run('A call by hand');
    expect(costOf(named(spans, 'answer'))?.total).toBe(estimateCost('gpt-4', 1000, 500));
    expect(costOf(named(spans, 'custom-llm-call'))?.total).toBe(0.03);
    for (const span of spans) expect(span.attributes).toMatchObject({ 'user.id': 'user-123' });
  });

  test('Cost headers', { timeout: TIMEOUT }, async () => {
    const { file, cwd } = place('Cost headers', 'instrumentors');
    const { env, exchanges } = await environment();
    const port = await freePort();
    const child = spawn(PLACE.node, [...PRELOAD, file], {
      cwd,
      env: { ...env, PORT: port, HOME: cwd },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const answer = await answerOf(`http://127.0.0.1:${port}`);
    const [exchange] = exchanges;
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-token-input': String(exchange?.usage?.input),
      'x-token-output': String(exchange?.usage?.output),
    });
    expect(Number(answer.headers.get('x-cost-usd'))).toBe(exchange && billOf(exchange));
  });

  test('Cost headers: an answer of LangChain', { timeout: TIMEOUT }, async () => {
    const { stdout, exchanges } = await run('Cost headers', { index: 1 });
    expect([Number(stdout)]).toEqual(exchanges.map(billOf));
  });

  test('Before a call', { timeout: TIMEOUT }, async () => {
    expect((await run('Before a call')).stdout).toBe('gpt-4o-mini');
  });

  test('A budget', { timeout: TIMEOUT }, async () => {
    const { stdout, asked } = await read('A budget', [{ totalCost: 3 }, { totalCost: 2.5 }]);
    expect(stdout).toBe('Monthly budget exceeded');
    expect(asked.map((url) => url.searchParams.get('page'))).toEqual(['1', '2']);
    expect(asked[0]?.searchParams.get('userId')).toBe('user-123');
    expect((await read('A budget', [{ totalCost: 3 }, {}])).stdout).toBe('');
  });

  test('Reports: what Langfuse has', { timeout: TIMEOUT }, async () => {
    const traces = [{ id: 't1', timestamp: '2026-03-14T12:00:00.000Z', userId: 'ada', totalCost: 0.5 }];
    const { stdout } = await read('Reports', traces);
    expect(stdout.split('\n')).toEqual(['id,timestamp,user,cost', 't1,2026-03-14T12:00:00.000Z,ada,0.5']);
  });

  test('ChatKit: through the proxy', { timeout: TIMEOUT }, async () => {
    const { file, cwd } = place('ChatKit', 'instrumentors', 0);
    const provider = await startStandInProvider();
    onTestFinished(() => provider.close());
    const proxy = await recordingProxy({ openai: provider.url });
    await finished(file, cwd, { ...OPENAI_KEY, OPENAI_BASE_URL: `${proxy.url}/openai/v1` }, []);
    const [span, ...others] = await proxy.spansAtEnd();
    expect(others).toEqual([]);
    expect(span?.attributes).toMatchObject({ 'session.id': 'thread-1' });
    const cost = JSON.parse(String(span?.attributes['langfuse.observation.cost_details'])) as { total: number };
    expect([cost.total]).toEqual(provider.requests.map(billOf));
    expect(
      provider.requests.flatMap(({ headers }) => Object.keys(headers).filter((name) => /langfuse/.test(name))),
    ).toEqual([]);
  });

  test('ChatKit: counted, and estimated', { timeout: TIMEOUT }, async () => {
    const counted = JSON.parse((await run('ChatKit', { index: 1 })).stdout) as Record<
      'input' | 'output' | 'usd',
      number
    >;
    expect(describeTokens([{ role: 'user', content: 'Why?' }], { model: 'gpt-4o' })).toMatchObject({
      tokens: counted.input,
      exact: true,
    });
    expect(counted.usd).toBe(estimateCost('gpt-4o', counted.input, counted.output));
    const steps = [
      { input: 900, output: 20, model: 'gpt-4o-mini' },
      { input: 600, input_cached_tokens: 1800, output: 350, model: 'gpt-4o' },
    ].map(({ model, ...usage }) => calculateCost({ model, usage }).usd ?? Number.NaN);
    const estimated = Number((await run('ChatKit', { index: 2 })).stdout);
    expect(estimated).toBe(steps.reduce((sum, usd) => sum + usd, 0));
  });

  test('nothing is shown that has not run here', () => {
    expect(SNIPPETS.length).toBeGreaterThan(10);
    expect([...placed].toSorted()).toEqual(SNIPPETS.toSorted());
  });
});

/** Runs a snippet that reads traces, through the gateway; Langfuse has these, one a page. */
async function read(section: string, traces: readonly object[]): Promise<{ stdout: string; asked: URL[] }> {
  const { file, cwd } = place(section, 'langfuse3');
  const langfuse = await startStandInLangfuse();
  langfuse.answers = new Proxy(
    {},
    {
      get: (_, request) => {
        const page = Number(new URL(String(request).slice(4), langfuse.baseUrl).searchParams.get('page') ?? 1);
        return { status: 200, body: { data: [traces[page - 1]], meta: { page, totalPages: traces.length } } };
      },
    },
  );
  const { gateway } = await recordingGateway({
    projects: { default: { ...KEYS, baseUrl: langfuse.baseUrl, spool: { directory: temporaryDirectory() } } },
  });
  const stdout = await finished(file, cwd, { ...LANGFUSE_KEYS, LANGFUSE_BASEURL: gateway.url }, []);
  return { stdout, asked: langfuse.asked.map(({ url }) => new URL(url, langfuse.baseUrl)) };
}

/** `npx otel-langfuse ...` lines, with what `echo` gives them; the servers run above. */
const COMMANDS = [...PAGE.matchAll(/^(?:echo '(.*)' \| )?npx otel-langfuse ((?!gateway|proxy).*)$/gm)].map(
  ([, input = '', words = '']) => ({ input, words }),
);

/** A call of now and one of a month that the page names. */
function recordedCalls(): string[] {
  const call = { cost: '0.5', usage: { input: 1, total: 1 }, user: 'ada', feature: 'qa', session: 's1', prompt: 'qa' };
  return [new Date().toISOString(), '2026-03-14T00:00:00Z'].map((at) => callRecord({ ...call, at }));
}

test.each(COMMANDS)('otel-langfuse $words', async ({ input, words }) => {
  const spool = temporaryDirectory();
  await leaveRecords(spool, recordedCalls());
  const env = { OTEL_LANGFUSE_SPOOL_DIR: spool };
  const { code, stdout, stderr } = await otelLangfuse(words.split(' '), { env, input: `${input}\n` });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/\d/);
  expect(stdout).not.toMatch(/^No |"usd":null|"error"/m);
});

/** The models that documents of the time before name. */
test.each([
  'gpt-4',
  'gpt-4-turbo',
  'gpt-3.5-turbo',
  'text-embedding-3-small',
  'claude-3-sonnet-20240229',
  'claude-2',
  'command-r',
])('%s has a price', (model) => {
  expect(estimateCost(model, 1000, 0)).toBeGreaterThan(0);
});

async function freePort(): Promise<string> {
  const { server, url } = await startUpstream(() => {});
  await new Promise((resolve) => void server.close(resolve));
  return new URL(url).port;
}

/** The answer of a server that may still be starting. */
async function answerOf(url: string): Promise<Response> {
  for (;;) {
    try {
      return await fetch(url);
    } catch {
      await sleep(20);
    }
  }
}
