import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readDeadLetters } from '../../src/delivery/dead-letters.ts';
import type { DeliveryCounters } from '../../src/delivery/delivery.ts';
import { readSpool } from '../../src/delivery/read-spool.ts';
import { listNames } from '../../src/delivery/spool-layout.ts';
import { otelLangfuse } from '../cli/otel-langfuse.ts';
import { ACCEPT, type LangfuseSink, startSink } from '../support/langfuse-sink.ts';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const APP = path.join(import.meta.dirname, 'faulty-app.mjs');

/** `stock`: the SDK's `BatchSpanProcessor` with its `OTLPTraceExporter`, as installed here. */
export type PipelineName = 'ours' | 'stock';

/** What the app does. */
export interface AppSettings {
  spans: number;
  /** Spans ended in one go, and the pause after them. */
  burst: number;
  everyMs: number;
  /** Characters of the prompt. */
  bytes: number;
  /** Which span is the one that Langfuse cannot read, and which has an answer of 20 MB. */
  bad?: number;
  large?: number;
  /** How it ends after its last span: `drained` waits until everything is delivered, `wait` for a signal. */
  ending: 'drained' | 'natural' | 'exit' | 'throw' | 'reject' | 'wait' | 'handle';
  topology: 'alone' | 'workers' | 'terminated' | 'cluster';
  durability: 'batch' | 'span' | 'fsync' | 'memory';
  maxBytes: number;
  /** Delays of ours are so many times as long. */
  timeScale: number;
  /** Becomes this user before it writes anything. */
  uid?: number;
  /** Half of the spans are ended before somebody sets the clock so far ahead. */
  clockJumpMs?: number;
}

export const APP_SETTINGS: AppSettings = {
  spans: 200,
  burst: 10,
  everyMs: 2,
  bytes: 500,
  ending: 'drained',
  topology: 'alone',
  durability: 'batch',
  maxBytes: 1e8,
  timeScale: 1,
};

/** The keys of the project that everything is for. */
const KEYS = { publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };

interface Entry {
  kind: 'span' | 'counters' | 'flushed' | 'memory';
  value: unknown;
  pid: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** An app, the Langfuse it sends to, and the spool between them. */
export interface Run {
  readonly sink: LangfuseSink;
  readonly directory: string;
  /** Starts the app, in a shell of these limits. */
  start(overrides?: Partial<AppSettings>, shell?: string): App;
  /** What processes did so far, in the order they did it. */
  journal(): Entry[];
  /** Ids of the spans that ended. */
  ended(): string[];
  /** What is on disk and not delivered. */
  spooled(): Promise<string[]>;
  deadLetters(): Promise<{ status: number; reason: string; spanId: string }[]>;
  /** A later process delivers what is left; these are its counters. */
  drain(): Promise<DeliveryCounters>;
}

interface App {
  process: ChildProcess;
  /** Says it on its stdout. */
  says(word: string): Promise<void>;
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null; milliseconds: number; stderr: string }>;
}

/** Prepares a run; everything of it is gone after the test. */
export async function prepareRun(pipeline: PipelineName, settings: AppSettings): Promise<Run> {
  const sink = await startSink();
  const root = temporaryDirectory();
  // Some apps run as another user.
  chmodSync(root, 0o755);
  const directory = path.join(root, 'spool');
  const journalFile = path.join(root, 'journal');
  const apps: ChildProcess[] = [];
  const journal = (): Entry[] =>
    (existsSync(journalFile) ? readFileSync(journalFile, 'utf8') : '')
      .split('\n')
      .filter((line) => line)
      .map((line) => JSON.parse(line) as Entry);

  const run: Run = {
    sink,
    directory,
    start(overrides = {}, shell = '') {
      const { baseUrl } = sink;
      const given = { ...settings, ...overrides, pipeline, baseUrl, directory, journal: journalFile };
      const words = [process.execPath, APP, JSON.stringify(given)];
      const env = { PATH: process.env['PATH'], HOME: root };
      const child = shell
        ? spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...words], { env })
        : spawn(words[0] ?? '', words.slice(1), { env });
      apps.push(child);
      return observe(child);
    },
    journal,
    ended: () => journal().flatMap(({ kind, value }) => (kind === 'span' ? [String(value)] : [])),
    async spooled() {
      const ids: string[] = [];
      for await (const { record, delivered } of readSpool(directory)) if (!delivered) ids.push(spanIdOf(record));
      return ids;
    },
    async deadLetters() {
      const letters: Awaited<ReturnType<Run['deadLetters']>> = [];
      for (const destination of listNames(directory)) {
        for await (const { status, reason, record } of readDeadLetters(path.join(directory, destination))) {
          letters.push({ status, reason, spanId: spanIdOf(record) });
        }
      }
      return letters;
    },
    async drain() {
      sink.answer = () => ACCEPT;
      const env = {
        LANGFUSE_BASE_URL: sink.baseUrl,
        LANGFUSE_PUBLIC_KEY: KEYS.publicKey,
        LANGFUSE_SECRET_KEY: KEYS.secretKey,
      };
      const { stdout, stderr } = await otelLangfuse(['spool', 'drain', '--json', '--spool', directory], { env });
      if (!stdout) throw new Error(stderr);
      return JSON.parse(stdout) as DeliveryCounters;
    },
  };
  onTestFinished(async () => {
    for (const child of apps) child.kill('SIGKILL');
    await sink.close();
  });
  return run;
}

function observe(child: ChildProcess): App {
  const from = performance.now();
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    process: child,
    async says(word) {
      while (!stdout.includes(`${word}\n`)) {
        const over = await Promise.race([closed, once(child.stdout ?? child, 'data').then(() => undefined)]);
        if (over) throw new Error(`ended before it said ${word}: ${stderr}`);
      }
    },
    async ended() {
      const [code, signal] = await closed;
      return { code, signal, milliseconds: performance.now() - from, stderr };
    },
  };
}

/** The first is the span's own: those of its links come after it. */
export function spanIdOf(record: string): string {
  return /"spanId":"(\w+)"/.exec(record)?.[1] ?? '';
}

/** Where the spans that ended are in the end. */
export interface Outcome {
  ended: number;
  /** At Langfuse, each counted once. */
  delivered: number;
  /** How often one came again. */
  repeated: number;
  spooled: number;
  deadLettered: number;
  /** Given up and counted. */
  dropped: number;
  /** Nowhere, and counted by nobody. */
  lost: number;
}

/** Settles a run that has been played: with a later process that delivers what is left, where the pipeline has that. */
export async function settle(
  run: Run,
  pipeline: PipelineName,
): Promise<{ outcome: Outcome; books: DeliveryCounters[] }> {
  const books = run.journal().flatMap(({ kind, value }) => (kind === 'counters' ? [value as DeliveryCounters] : []));
  if (pipeline === 'ours') books.push(await run.drain());
  const ended = run.ended();
  const delivered = new Set(run.sink.accepted);
  const [spooled, letters] = [
    new Set(await run.spooled()),
    new Set((await run.deadLetters()).map(({ spanId }) => spanId)),
  ];
  const missing = ended.filter((id) => ![delivered, spooled, letters].some((place) => place.has(id)));
  const dropped = books.reduce((sum, counters) => sum + counters.dropped, 0);
  const outcome: Outcome = {
    ended: ended.length,
    delivered: delivered.size,
    repeated: run.sink.accepted.length - delivered.size,
    spooled: spooled.size,
    deadLettered: letters.size,
    dropped,
    lost: missing.length - dropped,
  };
  return { outcome, books };
}
