import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { otelLangfuse } from '../cli/otel-langfuse.ts';
import { type SinkAnswer, type SinkRequest, startSink } from '../support/langfuse-sink.ts';
import { runNode } from '../support/run-process.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const PROMPT = 'nobody may know that the merger is signed on Monday';
const KEYS = { LANGFUSE_PUBLIC_KEY: 'pk-lf-11111111-2222', LANGFUSE_SECRET_KEY: 'sk-lf-33333333-4444-secret' };
const API_KEY = 'sk-proj-of-the-provider-5555';
const SECRETS = [
  KEYS.LANGFUSE_SECRET_KEY,
  btoa(`${KEYS.LANGFUSE_PUBLIC_KEY}:${KEYS.LANGFUSE_SECRET_KEY}`),
  API_KEY,
  btoa(API_KEY),
];
/** In records, and nowhere else. */
const CONTENT = [PROMPT, 'Paris is sunny'];

/** A server that says in its error what it was sent, as debugging pages do. */
const echo =
  (status: number) =>
  ({ body, headers }: SinkRequest): SinkAnswer => {
    const message = `cannot take ${JSON.stringify(headers)} ${body.slice(body.indexOf('gen_ai.input') - 50)} ${body}`;
    return { status, body: { message, error: headers.authorization } };
  };

/** Every file below a directory, with the modes of both. */
function filesBelow(directory: string): { file: string; mode: number; bytes: Buffer }[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    expect(statSync(directory).mode & 0o077).toBe(0);
    return entry.isDirectory() ? filesBelow(file) : [{ file, mode: statSync(file).mode, bytes: readFileSync(file) }];
  });
}

const expectNone = (text: string | Buffer, secrets: readonly string[]): void => {
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
};

test.each([
  ['refuses', 400],
  ['fails', 500],
  ['knows no such key', 401],
])('a Langfuse that %s and says what it was sent: secrets are nowhere, content only in records', async (_, status) => {
  const [provider, sink] = await Promise.all([startStandInProvider(), startSink(echo(status))]);
  onTestFinished(async () => void (await Promise.all([provider.close(), sink.close()])));
  const spool = path.join(temporaryDirectory(), 'spool');
  const env = { ...KEYS, LANGFUSE_BASE_URL: sink.baseUrl, OTEL_LANGFUSE_SPOOL_DIR: spool, HOME: ROOT };
  const app = await runNode(['--import', 'otel-langfuse/register', 'test/faults/secretive-app.mjs'], {
    cwd: ROOT,
    env: { ...env, STAND_IN_URL: provider.url, API_KEY, PROMPT, OTEL_LANGFUSE_LOG_LEVEL: 'debug' },
  });
  expect(app.code).toBe(0);
  expect(sink.requests.length).toBeGreaterThan(0);
  // The server saw them, so that there was something to tell.
  expect(sink.requests[0]?.body).toContain(PROMPT);
  expect(sink.requests[0]?.headers.authorization).toContain(SECRETS[1]);

  const commands = [
    ['spool', 'status'],
    ['spool', 'dead-letters'],
    ['spool', 'dead-letters', '--json'],
    ['spool', 'verify'],
  ];
  const said = await Promise.all(commands.map((words) => otelLangfuse([...words, '--spool', spool], { env })));
  for (const { stdout, stderr } of [app, ...said]) expectNone(stdout + stderr, [...SECRETS, ...CONTENT]);

  const files = filesBelow(spool);
  expect(files.length).toBeGreaterThan(0);
  for (const { file, mode, bytes } of files) {
    expect(mode & 0o077).toBe(0);
    expectNone(bytes, SECRETS);
    if (!file.endsWith('.jsonl')) continue;
    for (const line of bytes.toString().trim().split('\n')) {
      const { record, ...about } = JSON.parse(line) as { record: string };
      expect(record).toContain('spanId');
      expectNone(JSON.stringify(about), CONTENT);
    }
  }
  if (status === 400) expect(files.filter(({ file }) => file.endsWith('.jsonl'))).toHaveLength(1);
});
