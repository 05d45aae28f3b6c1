import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runNode } from '../support/run-process.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';

const ROOT = path.join(import.meta.dirname, '../..');
const PARTS = 4;

/**
 * What the app itself calls in place of the original, and what makes sure that the original is called: their own first
 * statement can be guarded by nobody.
 */
const UNGUARDED = new Set([
  'context/llm-context withLlmContext',
  'instrumentation/response-tap get',
  'instrumentation/stream-tap iterate',
  'instrumentation/stream-tap watched',
  'instrumentation/stream-tap readableOf',
  'instrumentation/exchange begin',
  'instrumentation/exchange chunk',
  'instrumentation/exchange text',
  'instrumentation/exchange parsed',
  'instrumentation/exchange end',
  'instrumentation/fetch surely',
  'instrumentation/fetch outcomeOf',
  'exporter/span-processor #process',
]);

interface Injected {
  tried: number;
  injected: number;
  wrong: { name: string }[];
}

describe('whatever function of ours throws, the calls of the app are the same', () => {
  test.concurrent.each(Array.from({ length: PARTS }, (_, part) => `${part}/${PARTS}`))(
    'part %s of them',
    { timeout: 60_000 },
    async (part) => {
      const provider = await startStandInProvider();
      const directory = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-test-'));
      try {
        const parameters = ['--import', './test/faults/inject-register.mjs', '--import', 'otel-langfuse/register'];
        const { stdout, stderr } = await runNode([...parameters, 'test/faults/injected-app.mjs', part], {
          cwd: ROOT,
          timeout: 60_000,
          env: {
            STAND_IN_URL: provider.url,
            OTEL_LANGFUSE_SPOOL_DIR: directory,
            OTEL_LANGFUSE_LOG_LEVEL: 'silent',
          },
        });
        const { tried, injected, wrong } = JSON.parse(stdout || stderr) as Injected;
        expect(wrong.filter(({ name }) => !UNGUARDED.has(name))).toEqual([]);
        expect(tried).toBeGreaterThan(40);
        // The same call does not reach the same functions every time.
        expect(injected).toBeGreaterThan(tried * 0.8);
      } finally {
        await provider.close();
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
});
