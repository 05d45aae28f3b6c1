import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { otelLangfuse } from '../cli/otel-langfuse.ts';
import { type AppResult, runApp } from '../register/run-app.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { PLACE } from '../support/place.ts';
import { runNode } from '../support/run-process.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PLAIN = { input: 24, output: 9, total: 33 };
const app = (name: string): string => path.join('..', 'matrix', 'apps', name);

/** Of the calls, in order of arrival. */
function usages({ spans }: AppResult): unknown[] {
  return spans
    .filter(({ attributes }) => attributes['langfuse.observation.type'] === 'generation')
    .map(({ attributes }) => JSON.parse(String(attributes['langfuse.observation.usage_details'])));
}

function expectEndedWell({ code, stderr }: AppResult): void {
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

test('what runs is the Node and the SDK of the cell, and the package as it is published', async () => {
  const { node, otel } = inject('cell') ?? { node: '', otel: '' };
  const script = `
    import { readFileSync } from 'node:fs';
    import { createRequire } from 'node:module';
    const require = createRequire(process.cwd() + '/app.js');
    const { version } = JSON.parse(readFileSync('node_modules/@opentelemetry/sdk-trace/package.json', 'utf8'));
    console.log(JSON.stringify([process.versions.node, version, require.resolve('otel-langfuse')]));`;
  const { stdout } = await runNode(['--input-type=module', '--eval', script], { cwd: PLACE.root });
  const [nodeVersion, sdkVersion, resolved] = JSON.parse(stdout) as string[];
  expect([`node${nodeVersion?.split('.')[0]}`, `otel-${sdkVersion?.split('.')[0]}`]).toEqual([node, otel]);
  expect(resolved).toBe(path.join(PLACE.package, 'dist', 'index.js'));
  const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'));
  expect((await otelLangfuse(['--version'])).stdout).toContain(version);
});

describe('the preload', () => {
  test.each(['--require', '--import'])('%s: calls through node:http', async (flag) => {
    const result = await runApp(app('http.mjs'), { flags: [flag, 'otel-langfuse/register'] });
    expectEndedWell(result);
    expect(usages(result)).toEqual([PLAIN, PLAIN]);
  });

  test.each(['--require', '--import'])('%s: calls in a worker thread', async (flag) => {
    const result = await runApp(app('worker.mjs'), { flags: [flag, 'otel-langfuse/register'] });
    expectEndedWell(result);
    expect(usages(result)).toEqual([PLAIN, PLAIN]);
  });

  test("a call that OpenTelemetry's own instrumentation traces is one generation, with what it leaves out", async () => {
    const result = await runApp(app('instrumented-openai.cjs'));
    expectEndedWell(result);
    expect(result.spans.map(({ scope }) => scope)).toEqual(['@opentelemetry/instrumentation-openai']);
    expect(usages(result)).toEqual([{ input: 46, input_cached_tokens: 3200, output: 8, total: 3254 }]);
  });
});

test('spans of an app that requires the API lead to its calls', async () => {
  const result = await runApp(app('own-spans.cjs'));
  expectEndedWell(result);
  const [request, call] = ['request', 'chat gpt-4o'].map((name) => result.spans.find((span) => span.name === name));
  expect(result.spans).toHaveLength(2);
  expect(call?.parentSpanId).toBe(request?.spanId);
});

describe("the app's own SDK, without the preload", () => {
  test('with our span processor', async () => {
    const result = await runApp(app('own-processor.mjs'), { flags: [] });
    expectEndedWell(result);
    expect(usages(result)).toEqual([PLAIN, PLAIN]);
    const request = result.spans.find(({ name }) => name === 'request');
    const calls = result.spans.filter((span) => span !== request);
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual([request?.spanId, request?.spanId]);
  });

  test.runIf(inject('cell')?.otel === 'otel-2')('with our exporter in a processor of the former kind', async () => {
    const result = await runApp(app('former-processor.mjs'), { flags: [] });
    expectEndedWell(result);
    expect(usages(result)).toEqual([PLAIN, PLAIN]);
  });
});

test('otel-langfuse report shows what an app without keys has spent, and once there are keys it is delivered', async () => {
  const [provider, langfuse] = await Promise.all([startStandInProvider(), startOtlpSink()]);
  try {
    const spool = temporaryDirectory();
    const env = { HOME: spool, OTEL_LANGFUSE_SPOOL_DIR: spool };
    const plain = path.join('test', 'apps', 'plain.mjs');
    await runNode(['--require', 'otel-langfuse/register', plain], {
      cwd: PLACE.root,
      env: { ...env, STAND_IN_URL: provider.url },
    });
    const { stdout } = await otelLangfuse(['report', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ total: { calls: 2, tokens: { total: 66 }, costUsd: '0.0003' } });
    const keys = { LANGFUSE_BASE_URL: langfuse.url, LANGFUSE_PUBLIC_KEY: 'pk-lf-1', LANGFUSE_SECRET_KEY: 'sk-lf-1' };
    const drained = await otelLangfuse(['spool', 'drain'], { env: { ...env, ...keys }, cwd: PLACE.root });
    expect(drained.code, drained.stderr).toBe(0);
    expect(langfuse.spans).toHaveLength(2);
  } finally {
    await Promise.all([provider.close(), langfuse.close()]);
  }
});
