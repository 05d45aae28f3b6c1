import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Ledger } from '../../src/delivery/ledger.ts';
import { MemoryQueue } from '../../src/delivery/memory-queue.ts';
import { type RecordQueue, SpoolReadError } from '../../src/delivery/record-queue.ts';
import type { SendOutcome } from '../../src/delivery/sender.ts';
import { Transmission } from '../../src/delivery/transmission.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';
import { spanIds } from '../support/spans.ts';

const ACCEPTED: SendOutcome = { kind: 'accepted', rejectedSpans: 0 };

function setUp(answer: () => SendOutcome | Promise<SendOutcome> = () => ACCEPTED): {
  queue: MemoryQueue;
  sent: string[];
  transmission: Transmission;
  hooks: { beforeRead?: () => void; afterLastLook?: () => void };
} {
  const ledger = new Ledger();
  const queue = new MemoryQueue(32e6, ledger);
  const sent: string[] = [];
  const hooks: ReturnType<typeof setUp>['hooks'] = {};
  const hooked: RecordQueue = {
    length: 0,
    empty: false,
    readable: true,
    next: async (maxBytes) => {
      hooks.beforeRead?.();
      return queue.next(maxBytes);
    },
  };
  const transmission = new Transmission({
    sender: {
      send: async (records) => {
        sent.push(...records.map(String));
        return answer();
      },
    },
    deadLetters: () => true,
    ledger,
    nextQueue: () => {
      if (queue.readable) return hooked;
      hooks.afterLastLook?.();
      return undefined;
    },
  });
  return { queue, sent, transmission, hooks };
}

describe('transmission', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    setLogLevel('silent');
  });
  afterEach(() => {
    vi.useRealTimers();
    setLogLevel('info');
  });

  test('waits a second for company', async () => {
    const { queue, sent, transmission } = setUp();
    queue.append(['{"a":1}']);
    transmission.soon();
    await vi.advanceTimersByTimeAsync(900);
    expect(sent).toEqual([]);
    queue.append(['{"b":2}']);
    transmission.soon();
    await vi.advanceTimersByTimeAsync(200);
    expect(sent).toEqual(['{"a":1}', '{"b":2}']);
    expect(queue.empty).toBe(true);
  });

  test('a backlog goes in few large requests, what keeps up in small ones', async () => {
    const sizes: number[] = [];
    const open: (() => void)[] = [];
    const { queue, sent, transmission } = setUp(() => {
      sizes.push(sent.splice(0).reduce((sum, { length }) => sum + length, 0));
      return new Promise<SendOutcome>((resolve) => void open.push(() => resolve(ACCEPTED)));
    });
    const records = spanIds(150).map((spanId) => JSON.stringify({ spanId, text: 'x'.repeat(99_000) }));
    queue.append(records);
    transmission.soon();
    await vi.advanceTimersByTimeAsync(1000);
    expect(open).toHaveLength(3);
    for (let one = open.shift(); one; one = open.shift()) {
      one();
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(queue.empty).toBe(true);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(records.join('').length);
    expect(Math.max(...sizes)).toBeGreaterThan(3_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3_500_000);
    expect(sizes[0]).toBeLessThanOrEqual(1_000_000);
    sizes.length = 0;
    queue.append(records.slice(0, 5));
    transmission.soon();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sizes).toEqual([records.slice(0, 5).join('').length]);
    open.shift()?.();
  });

  test('what is appended as it stops looking is not forgotten', async () => {
    const { queue, sent, transmission, hooks } = setUp();
    hooks.afterLastLook = () => {
      delete hooks.afterLastLook;
      queue.append(['{"late":1}']);
      transmission.soon();
    };
    queue.append(['{"a":1}']);
    transmission.soon();
    await vi.advanceTimersByTimeAsync(3000);
    expect(sent).toEqual(['{"a":1}', '{"late":1}']);
  });

  test('a queue that cannot be read for the moment is tried again', async () => {
    const { queue, sent, transmission, hooks } = setUp();
    hooks.beforeRead = () => {
      delete hooks.beforeRead;
      throw new SpoolReadError('EMFILE');
    };
    queue.append(['{"a":1}']);
    transmission.soon();
    await vi.advanceTimersByTimeAsync(3000);
    expect(sent).toEqual(['{"a":1}']);
  });

  test('does not wait for a server that says it will be too late', async () => {
    const { queue, transmission } = setUp(() => ({ kind: 'retry', cause: 'HTTP 429', afterMs: 60_000 }));
    queue.append(['{"a":1}']);
    const waited = transmission.until(() => queue.empty, 30_000);
    await vi.advanceTimersByTimeAsync(10);
    await expect(waited).resolves.toBeUndefined();
    expect(queue.length).toBe(1);
    transmission.stop();
  });

  test('stopping gives up the request in flight and keeps its records', async () => {
    const { queue, sent, transmission } = setUp(() => ({ kind: 'retry', cause: 'HTTP 500' }));
    queue.append(['{"a":1}']);
    const waited = transmission.until(() => queue.empty, 30_000);
    await vi.advanceTimersByTimeAsync(10);
    transmission.stop();
    await expect(waited).resolves.toBeUndefined();
    const tries = sent.length;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sent).toHaveLength(tries);
    expect(queue.length).toBe(1);
  });
});

function versionOf(span: number, version: number): string {
  return `{"spanId":"${String(span).padStart(16, '0')}","v":${version}}`;
}

test('whichever requests fail, and however long they take, the last of a span arrives last', async () => {
  const sequence = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 });
  const answers = fc.infiniteStream(fc.record({ fails: fc.boolean(), ticks: fc.integer({ min: 0, max: 4 }) }));
  await fc.assert(
    fc.asyncProperty(sequence, answers, async (spans, stream) => {
      const ledger = new Ledger();
      const queue = new MemoryQueue(1e6, ledger);
      const given = spans.map(versionOf);
      const arrived: string[] = [];
      const transmission = new Transmission({
        sender: {
          async send(records): Promise<SendOutcome> {
            const { fails = false, ticks = 0 } = stream.next().value ?? {};
            for (let tick = 0; tick < ticks; tick++) await new Promise((resolve) => void setImmediate(resolve));
            if (fails) return { kind: 'retry', cause: 'HTTP 503' };
            arrived.push(...records.map(String));
            return ACCEPTED;
          },
        },
        deadLetters: () => true,
        ledger,
        // One record a request.
        nextQueue: () =>
          queue.readable ? { length: 0, empty: false, readable: true, next: () => queue.next(1) } : undefined,
        timeScale: 0,
      });
      for (const one of given) queue.append([one]);
      await transmission.until(() => queue.empty, 10_000);
      transmission.stop();
      const ofSpan = (records: readonly string[], span: number): string[] =>
        records.filter((one) => one.includes(versionOf(span, 0).slice(0, 28)));
      for (const span of [0, 1, 2]) expect(ofSpan(arrived, span)).toEqual(ofSpan(given, span));
    }),
    { numRuns: 200 },
  );
});
