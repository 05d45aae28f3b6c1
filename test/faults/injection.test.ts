import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureClients } from '../support/ensure-clients.ts';
import { type LangfuseSink, startSink } from '../support/langfuse-sink.ts';
import { runNode } from '../support/run-process.ts';
import { CERTIFICATE, type SessionServer, startSessionServer } from '../support/session-server.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';
import { startBedrock } from './bedrock-server.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** What a process tries, by its name in injected-calls.mjs, and how many functions that reaches at the least. */
const PARTS = {
  fetch: 60,
  http: 60,
  http2: 60,
  undici: 60,
  websockets: 60,
  agent: 60,
  instrumentation: 60,
  reading: 100,
  pipeline: 100,
};

interface Injected {
  expected: Record<string, unknown>;
  tried: number;
  missed: string[];
  wrong: unknown[];
}

describe('whatever function of ours throws, the calls of the app are the same', () => {
  let clients: string;
  let openai: Awaited<ReturnType<typeof startStandInProvider>>;
  let bedrock: Awaited<ReturnType<typeof startBedrock>>;
  let realtime: SessionServer;
  let langfuse: LangfuseSink;

  beforeAll(async () => {
    clients = ensureClients();
    [openai, bedrock, realtime, langfuse] = await Promise.all([
      startStandInProvider(),
      startBedrock(),
      startSessionServer(clients),
      startSink(),
    ]);
  });
  afterAll(() => Promise.all([openai, bedrock, realtime, langfuse].map((server) => server.close())));

  test.concurrent.each(Object.entries(PARTS))('%s', { timeout: 120_000 }, async (part, least) => {
    const directory = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-test-'));
    try {
      const { stdout, stderr } = await runNode(
        ['--import', './test/faults/inject-register.mjs', 'test/faults/injected-app.mjs', part],
        {
          cwd: ROOT,
          timeout: 120_000,
          env: {
            CLIENTS: clients,
            OPENAI_URL: openai.url,
            BEDROCK_URL: bedrock.url,
            REALTIME_URL: realtime.url,
            NODE_EXTRA_CA_CERTS: CERTIFICATE,
            LANGFUSE_BASE_URL: langfuse.baseUrl,
            LANGFUSE_PUBLIC_KEY: 'pk-lf-1',
            LANGFUSE_SECRET_KEY: 'sk-lf-1',
            OTEL_LANGFUSE_SPOOL_DIR: directory,
            OTEL_LANGFUSE_LOG_LEVEL: 'silent',
          },
        },
      );
      const { expected, tried, missed, wrong } = JSON.parse(stdout || stderr) as Injected;
      expect(JSON.stringify(expected)).not.toMatch(/threw|never returned/);
      expect(wrong).toEqual([]);
      expect(tried).toBeGreaterThan(least);
      // The same call does not reach the same functions every time.
      expect(missed.length).toBeLessThan(tried * 0.1);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
