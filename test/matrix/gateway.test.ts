import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type GatewayProcess, startGatewayProcess } from '../gateway/gateway-process.ts';
import { type OtlpSink, startOtlpSink } from '../support/otlp-sink.ts';
import { PLACE } from '../support/place.ts';
import { type ProcessResult, runNode } from '../support/run-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ENCODINGS = [
  ['json', 'none'],
  ['json', 'gzip'],
  ['protobuf', 'none'],
  ['protobuf', 'gzip'],
] as const;
const MEGABYTE = 1024 * 1024;

async function startGateway(): Promise<{ gateway: GatewayProcess; langfuse: OtlpSink }> {
  const langfuse = await startOtlpSink();
  onTestFinished(() => langfuse.close());
  const directory = temporaryDirectory();
  const config = path.join(directory, 'gateway.yaml');
  writeFileSync(config, 'limits: { inFlightMegabytes: 1 }');
  const env = {
    LANGFUSE_BASE_URL: langfuse.url,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
    LANGFUSE_SECRET_KEY: 'sk-lf-1',
    OTEL_LANGFUSE_SPOOL_DIR: directory,
  };
  return { gateway: await startGatewayProcess(env, ['--config', config]), langfuse };
}

/** An app with the exporter of the cell's SDK, which ends when everything is exported or given up. */
function exportSpans({ url }: GatewayProcess, encoding: string, compression: string): Promise<ProcessResult> {
  const app = path.join('test', 'matrix', 'apps', 'exports-otlp.mjs');
  return runNode([app, encoding, compression], { cwd: PLACE.root, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url } });
}

async function expectBill(langfuse: OtlpSink): Promise<void> {
  await vi.waitFor(() => expect(langfuse.spans.map(({ name }) => name).toSorted()).toEqual(['GET /', 'chat']), 10_000);
  const [chat, root] = ['chat', 'GET /'].map((name) => langfuse.spans.find((span) => span.name === name));
  expect(chat?.parentSpanId).toBe(root?.spanId);
  expect(chat?.attributes).toMatchObject({
    'langfuse.observation.usage_details': '{"input":1000,"output":100,"total":1100}',
    'langfuse.observation.cost_details': '{"input":0.00015,"output":0.00006,"total":0.00021}',
  });
}

const metricsOf = async ({ url }: GatewayProcess): Promise<string> => (await fetch(`${url}/metrics`)).text();

describe.each(ENCODINGS)('what an exporter sends as %s, compressed with %s', (encoding, compression) => {
  test('is taken', async () => {
    const { gateway, langfuse } = await startGateway();
    expect(await exportSpans(gateway, encoding, compression)).toMatchObject({ code: 0, stderr: '' });
    await expectBill(langfuse);
  });

  test('and refused for a while, is sent again and counted once', async () => {
    const { gateway, langfuse } = await startGateway();
    // Somebody else's request, which takes all there is for bodies until it is gone.
    const large = request(`${gateway.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    }).on('error', () => {});
    large.write(Buffer.alloc(MEGABYTE));
    await vi.waitFor(async () => expect(await metricsOf(gateway)).toContain(`bytes_in_flight ${MEGABYTE}\n`), 10_000);
    const exported = exportSpans(gateway, encoding, compression);
    await vi.waitFor(
      async () => expect(await metricsOf(gateway)).toMatch(/requests_total\{.*status="503".*\} \d/),
      10_000,
    );
    await new Promise((resolve) => large.on('close', resolve).destroy());
    expect(await exported).toMatchObject({ code: 0, stderr: '' });
    await expectBill(langfuse);
    expect(await metricsOf(gateway)).toMatch(/spans_received_total\{project="default"\} 2\n/);
  });
});
