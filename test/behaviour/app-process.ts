import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type OtlpSink, type ReceivedSpan, startOtlpSink } from '../support/otlp-sink.ts';
import { runNode } from '../support/run-process.ts';
import { type StandInExchange, startStandInProvider } from '../support/stand-in-provider.mjs';

export interface AppRun {
  /** What the app saw, by scenario, addresses and dates replaced. */
  scenarios: Record<string, unknown>;
  /** Unhandled rejections and warnings: there should be none. */
  events: unknown[];
  exchanges: StandInExchange[];
  /** What Langfuse received. */
  spans: ReceivedSpan[];
  stderr: string;
  exit: { code: number | null; signal: string | null };
}

/** An app that has not ended by itself by then is held open by something. */
const PATIENCE_MS = 30_000;

/**
 * Runs an app against a provider of its own and waits until it ends by itself.
 * @param flags that load the preload; none of its settings are in the environment otherwise
 */
export async function runAppProcess(
  file: string,
  { flags = [], environment = {} }: { flags?: readonly string[]; environment?: Record<string, string> } = {},
): Promise<AppRun> {
  const provider = await startStandInProvider();
  const sink = await startOtlpSink();
  const spool = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-behaviour-'));
  const refused = `http://127.0.0.1:${await closedPort()}`;
  try {
    const { HOME = spool } = process.env;
    const { code, signal, stdout, stderr } = await runNode(['--expose-gc', ...flags, file], {
      cwd: path.dirname(file),
      env: {
        HOME,
        STAND_IN_URL: provider.url,
        REFUSED_URL: refused,
        ...environment,
        ...(flags.length > 0 && settings(sink, spool)),
      },
      timeout: PATIENCE_MS,
    });
    const seen = stdout
      .replaceAll(new URL(provider.url).host, 'provider.test')
      .replaceAll(new URL(refused).host, 'refused.test')
      .replaceAll(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, '<date>');
    const { scenarios, events } = parse(seen);
    return {
      scenarios,
      events,
      exchanges: provider.requests,
      spans: sink.spans,
      stderr: stderr.replaceAll(/\(node:\d+\)/g, '(node:<pid>)'),
      exit: { code, signal },
    };
  } finally {
    await Promise.all([provider.close(), sink.close()]);
    rmSync(spool, { recursive: true, force: true });
  }
}

function settings(sink: OtlpSink, spool: string): NodeJS.ProcessEnv {
  return {
    LANGFUSE_BASE_URL: sink.url,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
    LANGFUSE_SECRET_KEY: 'sk-lf-test',
    OTEL_LANGFUSE_SPOOL_DIR: spool,
    // The models are named after what happens to them, so none has a price, and each would be named once.
    OTEL_LANGFUSE_LOG_LEVEL: 'warn',
  };
}

function parse(stdout: string): Pick<AppRun, 'scenarios' | 'events'> {
  try {
    return JSON.parse(stdout);
  } catch {
    return { scenarios: {}, events: [{ printed: stdout.slice(0, 1000) }] };
  }
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
