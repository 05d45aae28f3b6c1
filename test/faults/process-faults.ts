import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { scanRecords } from '../../src/delivery/record.ts';
import { listNames, listSegments } from '../../src/delivery/spool-layout.ts';
import { ACCEPT } from '../support/langfuse-sink.ts';
import { after, COMPRESSED, type Fault, firstly, signalled, toTheEnd, untilDelivered } from './fault.ts';
import { type AppSettings, type Run, spanIdOf } from './harness.ts';

const NOBODY = 65_534;
const DAY = 86_400_000;

const endsWith = (code: number) => async (run: Run) => expect((await run.start().ended()).code).toBe(code);

/** Nothing can be sent, and the app is gone: then somebody damages what it left. */
const damaged = (damage: (file: string) => void) => async (run: Run) => {
  run.sink.answer = () => ({ status: 503 });
  await run.start({ ending: 'exit' }).ended();
  for (const destination of listNames(run.directory)) {
    const folder = path.join(run.directory, destination);
    for (const name of listNames(folder)) {
      for (const segment of listSegments(path.join(folder, name))) damage(segment.path);
    }
  }
};

function inTheMiddle(file: string, change: (bytes: Buffer, start: number) => void): void {
  const bytes = readFileSync(file);
  const { records } = scanRecords(bytes);
  change(bytes, records[Math.floor(records.length / 2)]?.start ?? 0);
  writeFileSync(file, bytes);
}

/** Has a disk of 64 KB at this place, for the app and nobody else. */
const onSmallDisk = (directory: string): string =>
  `exec unshare -m /bin/sh -c 'mount -t tmpfs -o size=64k none ${directory} && exec "$@"' sh "$@"`;

/** Why there can be no such disk, if there cannot. */
function noSmallDisk(): string | undefined {
  const tried = spawnSync('/bin/sh', ['-c', onSmallDisk(tmpdir()), 'sh', 'true']);
  return tried.status === 0 ? undefined : 'only root of a Linux that lets it may mount a small disk';
}

/** The disk takes nothing, or no more: the app says so once and goes on. */
const withoutDisk = (prepare: (run: Run) => string) => async (run: Run) => {
  const { code, stderr } = await run.start({}, prepare(run)).ended();
  expect(code).toBe(0);
  expect(stderr.match(/cannot write/g)).toHaveLength(1);
};

/** What a sudden end may cost in `batch`, and what timers are late by. */
const EXPOSURE_MS = 50 + 25;
/** An app that ends a span every millisecond, and none for longer than this, was let do nothing: no timer ran either. */
const STALL_MS = 5;

/** Of each process, for how long it ran on after the first span that arrived nowhere. */
function exposures(run: Run): number[] {
  const arrived = new Set(run.sink.accepted);
  const spans = run.journal().filter(({ kind }) => kind === 'span');
  return [...new Set(spans.map(({ pid }) => pid))].map((process) => {
    const own = spans.filter(({ pid }) => pid === process);
    const lost = own.findIndex(({ value }) => !arrived.has(String(value)));
    const since = lost === -1 ? [] : own.slice(lost);
    return since.slice(1).reduce((sum, { at }, index) => sum + Math.min(at - (since[index]?.at ?? at), STALL_MS), 0);
  });
}

const exposed: Pick<Fault, 'measured' | 'promise'> = {
  measured: (run) => `the oldest lost was ${Math.round(Math.max(...exposures(run)))} ms old`,
  promise: (run) => expect(Math.max(...exposures(run))).toBeLessThan(EXPOSURE_MS),
};

export const PROCESS_FAULTS: readonly Fault[] = [
  { name: 'SIGTERM', play: signalled('SIGTERM', 'wait', { code: null, signal: 'SIGTERM' }) },
  { name: 'SIGINT', play: signalled('SIGINT', 'wait', { code: null, signal: 'SIGINT' }) },
  { name: 'SIGTERM that the app handles', play: signalled('SIGTERM', 'handle', { code: 7, signal: null }) },
  { name: 'process.exit', app: { ending: 'exit' }, play: endsWith(3) },
  { name: 'an uncaught exception', app: { ending: 'throw' }, play: endsWith(1) },
  { name: 'an unhandled rejection', app: { ending: 'reject' }, play: endsWith(1) },
  { name: 'nothing left to do', app: { ending: 'natural' }, play: endsWith(0) },
  {
    name: 'the process dies between the answer and its note of it',
    async play(run) {
      const app = run.start({ ending: 'wait' });
      run.sink.answer = () => {
        app.process.kill('SIGKILL');
        return ACCEPT;
      };
      await app.ended();
    },
    outcome: { repeated: expect.any(Number) as number },
    promise(run) {
      const sent = new Map<string, string>();
      for (const { body } of run.sink.requests) {
        for (const record of (JSON.parse(body) as { resourceSpans: unknown[] }).resourceSpans) {
          const text = JSON.stringify(record);
          const id = spanIdOf(text);
          expect(text).toBe(sent.get(id) ?? text);
          sent.set(id, text);
        }
      }
      expect(run.sink.accepted.length).toBeGreaterThan(sent.size);
    },
  },
  {
    name: 'a segment with a torn tail',
    play: damaged((file) => truncateSync(file, readFileSync(file).length - 10)),
    // It was never written to its end, so nobody has counted it.
    outcome: { lost: 1 },
    notForStock: 'keeps nothing on disk',
  },
  {
    name: 'a segment with zeroed bytes',
    play: damaged((file) => inTheMiddle(file, (bytes, start) => bytes.fill(0, start, start + 100))),
    outcome: { dropped: 1 },
    notForStock: 'keeps nothing on disk',
  },
  {
    name: 'a segment with a flipped bit',
    play: damaged((file) =>
      inTheMiddle(file, (bytes, start) => bytes.writeUInt8((bytes[start + 50] ?? 0) ^ 1, start + 50)),
    ),
    outcome: { dropped: 1 },
    notForStock: 'keeps nothing on disk',
  },
  {
    name: 'a full disk',
    play: withoutDisk(({ directory }) => (mkdirSync(directory), onSmallDisk(directory))),
    notForStock: 'keeps nothing on disk',
    notHere: noSmallDisk(),
  },
  {
    name: 'a limit for the size of a file',
    play: withoutDisk(() => 'ulimit -f 64'),
    notForStock: 'keeps nothing on disk',
  },
  {
    name: 'a directory that cannot be written',
    app: { uid: NOBODY },
    play: withoutDisk(({ directory }) => (mkdirSync(directory, { mode: 0o555 }), ':')),
    notForStock: 'keeps nothing on disk',
  },
  {
    name: 'a directory of somebody else',
    app: { uid: NOBODY },
    play: withoutDisk(({ directory }) => (mkdirSync(directory, { mode: 0o700 }), ':')),
    notForStock: 'keeps nothing on disk',
  },
  { name: 'two processes', play: (run) => Promise.all([1, 2].map(() => run.start({ ending: 'natural' }).ended())) },
  { name: 'a cluster', app: { topology: 'cluster', ending: 'natural' }, play: toTheEnd },
  {
    name: 'a worker thread that is terminated',
    app: { topology: 'terminated', spans: 5000, burst: 1, everyMs: 1, ending: 'wait' },
    play: toTheEnd,
    outcome: { lost: expect.any(Number) as number },
    ...exposed,
  },
  { name: 'worker threads', app: { topology: 'workers', ending: 'natural' }, play: toTheEnd },
  { name: 'worker threads that exit', app: { topology: 'workers', ending: 'exit' }, play: toTheEnd },
  ...[DAY, -DAY].map((clockJumpMs): Fault => ({
    name: `the clock is set ${clockJumpMs > 0 ? 'forward' : 'back'} a day`,
    app: { clockJumpMs, timeScale: COMPRESSED },
    langfuse: firstly(3, () => ({ status: 503 })),
    play: untilDelivered,
  })),
];

/** Kills the app at a random moment, again and again; then a later process delivers. */
export function kills(durability: AppSettings['durability'], rounds: number): Fault {
  return {
    name: `kill -9 at ${rounds} random moments, durability ${durability}`,
    app: { durability, spans: 5000, burst: 1, everyMs: 1, ending: 'wait' },
    async play(run) {
      for (let round = 0; round < rounds; round++) {
        const app = run.start();
        await app.says('started');
        await after(50 + Math.random() * 400);
        app.process.kill('SIGKILL');
        await app.ended();
      }
    },
    outcome: { repeated: expect.any(Number), lost: durability === 'batch' ? expect.any(Number) : 0 },
    ...exposed,
  };
}
