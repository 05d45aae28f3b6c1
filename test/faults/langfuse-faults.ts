import { expect } from 'vitest';
import { ACCEPT, type SinkAnswer, type SinkRequest } from '../support/langfuse-sink.ts';
import { after, COMPRESSED, type Fault, firstly, outage, SECOND, signalled, untilDelivered } from './fault.ts';
import type { Run } from './harness.ts';

const mostlyOnce = (run: Run): void => {
  const failed = run.sink.requests.length;
  // Doubling from 1 s to 60 s makes some seven tries in a minute, and the jitter some more.
  expect(failed).toBeLessThan(40);
};

/** Without the answers that were good. */
const gapsAfter = ({ sink }: Run): number[] =>
  sink.requests.slice(1).map(({ at }, index) => at - (sink.requests[index]?.at ?? 0));

/** Bytes that an app had in memory at most, as its system counts them. */
const peakMemory = (run: Run): number =>
  Math.max(...run.journal().flatMap(({ kind, value }) => (kind === 'memory' ? [Number(value)] : [])));

const isBad = ({ body }: SinkRequest): boolean => body.includes('"name":"bad"');
const unreadable: SinkAnswer = { status: 400, body: { message: 'Invalid request data', error: 'endTime missing' } };

export const LANGFUSE_FAULTS: readonly Fault[] = [
  { name: 'none' },
  { name: 'Langfuse is down for 10 s', app: { timeScale: 1 / 20 }, langfuse: outage(500, 'cut'), play: untilDelivered },
  {
    name: 'Langfuse is down for 10 min',
    app: { timeScale: 1 / 600 },
    langfuse: outage(SECOND, 'cut'),
    play: untilDelivered,
  },
  {
    name: 'Langfuse is down past the disk cap',
    app: { spans: 2000, maxBytes: 400_000, ending: 'exit' },
    langfuse: () => () => 'cut',
    outcome: { dropped: expect.any(Number) as number, delivered: expect.any(Number) as number },
    promise(run, { dropped, delivered, ended }) {
      expect(delivered).toBeGreaterThan(100);
      expect(dropped + delivered).toBe(ended);
      // The newest are what is kept.
      expect(run.sink.accepted).toContain(run.ended().at(-1));
    },
  },
  {
    name: 'HTTP 500 for 60 s',
    app: { timeScale: COMPRESSED },
    langfuse: outage(SECOND, { status: 500 }),
    play: untilDelivered,
    promise: mostlyOnce,
  },
  {
    name: 'HTTP 503 for 60 s',
    app: { timeScale: COMPRESSED },
    langfuse: outage(SECOND, { status: 503 }),
    play: untilDelivered,
    promise: mostlyOnce,
  },
  ...(
    [
      ['30', 30],
      [() => new Date(Date.now() + 30 * SECOND).toUTCString(), 28],
      ['0', 0],
      ['soon', 0],
    ] as const
  ).map(([value, leastSeconds]): Fault => ({
    name: `HTTP 429 with Retry-After ${typeof value === 'string' ? value : 'a date'}`,
    app: { timeScale: COMPRESSED },
    langfuse: firstly(2, () => ({
      status: 429,
      headers: { 'retry-after': typeof value === 'string' ? value : value() },
    })),
    play: untilDelivered,
    promise: (run) => {
      for (const gap of gapsAfter(run).slice(0, 2))
        expect(gap).toBeGreaterThanOrEqual(leastSeconds * SECOND * COMPRESSED - 5);
    },
  })),
  {
    name: 'one span in 512 that Langfuse cannot read',
    app: { spans: 512, bad: 100 },
    langfuse: () => (request) => (isBad(request) ? unreadable : ACCEPT),
    outcome: { delivered: 511, deadLettered: 1 },
  },
  {
    name: 'HTTP 413 above 100 KB',
    langfuse:
      () =>
      ({ bytes }) =>
        bytes > 100_000 ? { status: 413 } : ACCEPT,
  },
  {
    name: 'one span of 20 MB',
    app: { large: 100 },
    langfuse:
      () =>
      ({ bytes }) =>
        bytes > 1_000_000 ? { status: 413 } : ACCEPT,
  },
  {
    name: 'HTTP 401 until the key is put right',
    app: { timeScale: COMPRESSED },
    langfuse: firstly(2, () => ({ status: 401 })),
    play: untilDelivered,
    promise: (run) => {
      for (const gap of gapsAfter(run).slice(0, 2)) expect(gap).toBeGreaterThanOrEqual(60 * SECOND * COMPRESSED - 5);
    },
  },
  {
    name: 'Langfuse hangs as the process ends',
    langfuse: () => () => 'hang',
    play: signalled('SIGTERM', 'wait', { signal: 'SIGTERM' }),
  },
  {
    name: 'a flush while a request is under way',
    app: { spans: 300, everyMs: 45 },
    langfuse: () => async () => (await after(300), ACCEPT),
    async play(run) {
      await run.start().ended();
      const flushed = run.journal().find(({ kind }) => kind === 'flushed');
      expect(run.sink.requests.length).toBeGreaterThan(1);
      // When it says so, nothing is on its way any more.
      for (const { at } of run.sink.requests) expect(flushed?.at).toBeGreaterThanOrEqual(at + 290);
    },
  },
  {
    name: '20,000 spans a second at 500 ms an answer',
    app: { spans: 6000, burst: 200, everyMs: 10 },
    langfuse: () => async () => (await after(500), ACCEPT),
    measured: (run) => `${Math.round(peakMemory(run) / 1e6)} MB at most`,
    promise(run) {
      // An app of this kind has some 90 MB, 4,096 unread spans may wait, and 3 requests of 1 MB are under way.
      expect(peakMemory(run)).toBeLessThan(400e6);
    },
  },
];
