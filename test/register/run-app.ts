import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PLACE } from '../support/place.ts';
import { type OtlpSink, type ReceivedSpan, startOtlpSink } from '../support/otlp-sink.ts';
import { type ProcessResult, runNode } from '../support/run-process.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';

export interface AppResult extends ProcessResult {
  /** What Langfuse received. */
  spans: ReceivedSpan[];
  /** What another OTLP backend received. */
  elsewhere: ReceivedSpan[];
}

export interface RunOptions {
  flags?: readonly string[];
  argument?: string;
  /** An app to run afterwards, with the same settings and spool. */
  followedBy?: string;
  /** Whether Langfuse keys are in the environment. */
  keys?: boolean;
  environment?: (elsewhere: OtlpSink) => NodeJS.ProcessEnv;
}

/** Runs an app of `test/apps` against local stand-ins for the provider, Langfuse and another OTLP backend. */
export async function runApp(name: string, options: RunOptions = {}): Promise<AppResult> {
  const { keys = true, environment } = options;
  const [provider, langfuse, elsewhere] = await Promise.all([startStandInProvider(), startOtlpSink(), startOtlpSink()]);
  const spool = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-register-'));
  try {
    const env = {
      HOME: spool,
      STAND_IN_URL: provider.url,
      LANGFUSE_BASE_URL: langfuse.url,
      ...(keys && { LANGFUSE_PUBLIC_KEY: 'pk-lf-test', LANGFUSE_SECRET_KEY: 'sk-lf-test' }),
      OTEL_LANGFUSE_SPOOL_DIR: spool,
      ...environment?.(elsewhere),
    };
    const result = await runProcess(name, env, options);
    if (options.followedBy) await runProcess(options.followedBy, env, { ...options, argument: undefined });
    return { ...result, spans: langfuse.spans, elsewhere: elsewhere.spans };
  } finally {
    await Promise.all([provider.close(), langfuse.close(), elsewhere.close()]);
    rmSync(spool, { recursive: true, force: true });
  }
}

function runProcess(
  name: string,
  env: NodeJS.ProcessEnv,
  {
    flags = ['--require', 'otel-langfuse/register'],
    argument,
  }: Pick<RunOptions, 'flags'> & { argument?: string | undefined },
): Promise<ProcessResult> {
  return runNode([...flags, path.join('test', 'apps', name), ...(argument ? [argument] : [])], {
    cwd: PLACE.root,
    env,
  });
}
