import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Ledger } from '../../src/delivery/ledger.ts';
import { MemoryQueue } from '../../src/delivery/memory-queue.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';

const texts = (records: readonly Buffer[] | undefined): string[] => (records ?? []).map(String);

describe('memory queue', () => {
  beforeAll(() => setLogLevel('silent'));
  afterAll(() => setLogLevel('info'));

  test('gives batches within the bytes asked for, oldest first', async () => {
    const queue = new MemoryQueue(1000, new Ledger());
    queue.append(['{"a":1}', '{"b":2}', '{"c":3}']);
    const batch = await queue.next(14);
    expect(texts(batch?.records)).toEqual(['{"a":1}', '{"b":2}']);
    expect(batch?.settle()).toBe(2);
    expect(texts((await queue.next(1))?.records)).toEqual(['{"c":3}']);
  });

  test('drops the oldest above its bound, but not what is being sent', async () => {
    const ledger = new Ledger();
    const queue = new MemoryQueue(21, ledger);
    queue.append(['{"a":1}', '{"b":2}']);
    const batch = await queue.next(7);
    queue.append(['{"c":3}', '{"d":4}']);
    expect(ledger.counters(0).droppedByReason).toEqual({ 'memory-cap': 1 });
    expect(batch?.settle()).toBe(1);
    expect(texts((await queue.next(100))?.records)).toEqual(['{"c":3}', '{"d":4}']);
  });

  test('is empty after everything was taken out', async () => {
    const queue = new MemoryQueue(1000, new Ledger());
    queue.append(['{"a":1}']);
    const batch = await queue.next(100);
    expect(queue.takeAll()).toEqual(['{"a":1}']);
    expect(batch?.settle()).toBe(0);
    expect(await queue.next(100)).toBeUndefined();
  });
});
