import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { DiskQueue, type DiskQueueOptions } from '../../src/delivery/disk-queue.ts';
import { Ledger } from '../../src/delivery/ledger.ts';
import { listSegments } from '../../src/delivery/spool-layout.ts';
import { setLogLevel } from '../../src/util/diagnostics.ts';
import { spanIds, spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const records = (count: number, from = 1): string[] => spanIds(count, from).map((id) => spanRecord(id));

function setUp(overrides: Partial<DiskQueueOptions> = {}): {
  options: DiskQueueOptions;
  ledger: Ledger;
  queue: DiskQueue;
} {
  const ledger = new Ledger();
  const directory = path.join(temporaryDirectory(), 'destination', '1-aa.2-bb');
  const options = { directory, maxBytes: 1e9, sync: false, events: ledger, ...overrides };
  return { options, ledger, queue: new DiskQueue(options) };
}

/** Takes and settles everything. */
async function drain(queue: DiskQueue, maxBytes = 1e6): Promise<string[]> {
  const taken: string[] = [];
  for (let batch = await queue.next(maxBytes); batch; batch = await queue.next(maxBytes)) {
    taken.push(...batch.records.map(String));
    expect(batch.settle()).toBe(batch.records.length);
  }
  return taken;
}

/** What another process would send if this one died now. */
async function drainCopy(options: DiskQueueOptions): Promise<string[]> {
  const directory = path.join(temporaryDirectory(), 'copy', '1-aa.2-bb');
  cpSync(options.directory, directory, { recursive: true });
  return drain(DiskQueue.adopt({ ...options, directory, events: new Ledger() }));
}

describe('disk queue', () => {
  beforeAll(() => setLogLevel('silent'));
  afterAll(() => setLogLevel('info'));

  test('gives back what was appended, in order, in batches of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 20_000 }),
        async (counts, maxBytes) => {
          const { queue } = setUp();
          const expected = counts.flatMap((count, index) => {
            const appended = records(count, index * 100);
            queue.append(appended);
            return appended;
          });
          expect(queue.length).toBe(expected.length);
          expect(await drain(queue, maxBytes)).toEqual(expected);
          expect(queue.length).toBe(0);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('appending while a batch is out loses nothing', async () => {
    const { queue } = setUp();
    queue.append(records(3));
    const batch = await queue.next(1e6);
    queue.append(records(2, 10));
    expect(batch?.settle()).toBe(3);
    queue.append(records(1, 20));
    expect(await drain(queue)).toEqual([...records(2, 10), ...records(1, 20)]);
  });

  test('keeps others out, and leaves nothing behind when everything is settled', async () => {
    const { queue, options } = setUp();
    queue.append(records(3));
    expect(statSync(options.directory).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(options.directory)) {
      expect(statSync(path.join(options.directory, file)).mode & 0o777).toBe(0o600);
    }
    await drain(queue);
    expect(listSegments(options.directory)).toEqual([]);
    queue.close();
    expect(existsSync(options.directory)).toBe(false);
  });

  test('a queue without records makes no directory', () => {
    const { queue, options } = setUp();
    queue.close();
    expect(existsSync(path.dirname(options.directory))).toBe(false);
  });

  test('another process goes on where this one stopped', async () => {
    const { queue, options, ledger } = setUp();
    queue.append(records(10));
    const batch = await queue.next(2000);
    const settled = batch?.settle() ?? 0;
    expect(settled).toBeGreaterThan(0);
    queue.close();
    const adopted = DiskQueue.adopt(options);
    expect(await drain(adopted)).toEqual(records(10).slice(settled));
    expect(ledger.counters(0).accepted).toBe(10 - settled);
  });

  test('a cursor that points between records sends everything again rather than too little', async () => {
    const { queue, options } = setUp();
    queue.append(records(4));
    queue.close();
    writeFileSync(path.join(options.directory, 'cursor'), '1:77\n');
    expect(await drain(DiskQueue.adopt(options))).toEqual(records(4));
  });

  test('a torn tail is dropped', async () => {
    const { queue, options, ledger } = setUp();
    queue.append(records(4));
    queue.close();
    const [segment] = listSegments(options.directory);
    truncateSync(segment!.path, segment!.bytes - 10);
    expect(await drain(DiskQueue.adopt(options))).toEqual(records(3));
    expect(ledger.counters(0)).toMatchObject({ accepted: 3, dropped: 0 });
  });

  test('damage is quarantined and counted; what is around it is delivered', async () => {
    const { queue, options, ledger } = setUp();
    queue.append(records(5));
    queue.close();
    const [segment] = listSegments(options.directory);
    const bytes = readFileSync(segment!.path);
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(segment!.path, bytes);
    expect(await drain(DiskQueue.adopt(options))).toEqual(records(5).toSpliced(2, 1));
    expect(ledger.counters(0)).toMatchObject({ accepted: 5, droppedByReason: { damaged: 1 } });
    const quarantine = path.join(path.dirname(options.directory), 'quarantine');
    const [file] = readdirSync(quarantine);
    expect(readFileSync(path.join(quarantine, file!), 'utf8')).toContain('resource');
  });

  test('damage to what this process wrote itself is found when it is read', async () => {
    const { queue, options, ledger } = setUp();
    ledger.accepted(5);
    queue.append(records(5));
    const [segment] = listSegments(options.directory);
    const bytes = readFileSync(segment!.path);
    bytes[20]! ^= 0xff;
    writeFileSync(segment!.path, bytes);
    expect(await drain(queue)).toEqual(records(4, 2));
    expect(ledger.counters(queue.length)).toMatchObject({ accepted: 5, spooled: 0, droppedByReason: { damaged: 1 } });
  });

  test('above the cap the oldest go, each counted, and the newest stay', async () => {
    const size = spanRecord('0000000000000001').length + 8;
    const { queue, ledger } = setUp({ maxBytes: size * 40 });
    for (let from = 1; from <= 200; from++) queue.append(records(1, from));
    const left = await drain(queue);
    expect(left.length).toBeGreaterThan(30);
    expect(left).toEqual(records(200).slice(-left.length));
    expect(ledger.counters(0).droppedByReason).toEqual({ 'disk-cap': 200 - left.length });
  });

  test('the cap does not take what is being sent', async () => {
    const size = spanRecord('0000000000000001').length + 8;
    const { queue, ledger } = setUp({ maxBytes: size * 16 });
    ledger.accepted(40);
    queue.append(records(1));
    const batch = await queue.next(1);
    for (let from = 2; from <= 40; from++) queue.append(records(1, from));
    expect(batch?.records.map(String)).toEqual(records(1));
    expect(batch?.settle()).toBe(1);
    const { accepted, dropped } = ledger.counters(0);
    expect(queue.length).toBe(accepted - dropped - 1);
  });

  test.each(['removed', 'renamed'])('goes on in a new directory when its own was %s', async (how) => {
    const { queue, options, ledger } = setUp();
    ledger.accepted(5);
    queue.append(records(2));
    if (how === 'removed') rmSync(options.directory, { recursive: true });
    else renameSync(options.directory, `${options.directory}0`);
    queue.append(records(3, 10));
    expect(await drain(queue)).toEqual(records(3, 10));
    expect(ledger.counters(0)).toMatchObject({ accepted: 5, droppedByReason: { unreadable: 2 } });
  });

  test('what cannot be read for the moment is kept', async () => {
    const { queue, options, ledger } = setUp();
    queue.append(records(3));
    const [segment] = listSegments(options.directory);
    renameSync(segment!.path, `${segment!.path}~`);
    symlinkSync(segment!.path, segment!.path);
    await expect(queue.next(1e6)).rejects.toThrow('ELOOP');
    rmSync(segment!.path);
    renameSync(`${segment!.path}~`, segment!.path);
    expect(await drain(queue)).toEqual(records(3));
    expect(ledger.counters(0).dropped).toBe(0);
  });

  test('what cannot be written throws and is not in the queue', () => {
    const { options } = setUp();
    const file = path.join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    const queue = new DiskQueue({ ...options, directory: path.join(file, 'spool') });
    expect(() => queue.append(records(1))).toThrow();
    expect(queue.length).toBe(0);
    expect(queue.empty).toBe(true);
  });

  test('batches are settled in any order, and the cursor stays before the first that is not', async () => {
    const { queue, options, ledger } = setUp();
    ledger.accepted(9);
    queue.append(records(9));
    const size = spanRecord('0000000000000001').length + 8;
    const [first, second, third] = [await queue.next(size * 3), await queue.next(size * 3), await queue.next(size * 3)];
    expect([first, second, third].map((batch) => batch?.records.length)).toEqual([3, 3, 3]);
    expect([queue.readable, queue.empty, queue.length]).toEqual([false, false, 9]);
    second?.settle();
    expect(queue.length).toBe(6);
    // What a process finds that starts at this moment: rather too much than too little.
    expect(await drainCopy(options)).toEqual(records(9));
    first?.settle();
    expect(await drainCopy(options)).toEqual(records(3, 7));
    third?.giveBack();
    expect(await drain(queue)).toEqual(records(3, 7));
    expect(queue.vacant).toBe(true);
  });

  test('what is given back is taken again, in its place', async () => {
    const { queue } = setUp();
    queue.append(records(6));
    const size = spanRecord('0000000000000001').length + 8;
    const [first, second] = [await queue.next(size * 2), await queue.next(size * 2)];
    second?.giveBack();
    first?.giveBack();
    expect(queue.length).toBe(6);
    expect(await drain(queue)).toEqual(records(6));
  });

  test('a mark says when what was there is settled, whatever came after it', async () => {
    const { queue } = setUp();
    queue.append(records(4));
    const settled = queue.mark();
    queue.append(records(4, 5));
    const size = spanRecord('0000000000000001').length + 8;
    const [first, later] = [await queue.next(size * 4), await queue.next(size * 4)];
    later?.settle();
    expect(settled()).toBe(false);
    first?.settle();
    expect(settled()).toBe(true);
    expect(new DiskQueue(setUp().options).mark()()).toBe(true);
  });

  describe('with retention', () => {
    test('what is settled stays readable, and is not sent again by the next process', async () => {
      const { queue, options } = setUp({ retainMs: 60_000 });
      queue.append(records(3));
      await drain(queue);
      queue.append(records(3, 4));
      expect(await (await queue.next(1))?.settle()).toBe(1);
      queue.close();
      expect(listSegments(options.directory)).toHaveLength(1);
      const next = DiskQueue.adopt(options);
      expect(await drain(next)).toEqual(records(2, 5));
      expect([next.empty, next.vacant]).toEqual([true, false]);
      expect(DiskQueue.adopt(options).empty).toBe(true);
      expect(DiskQueue.adopt({ ...options, retainMs: 0 }).vacant).toBe(true);
    });

    test('it is gone after its time', async () => {
      const { queue, options } = setUp({ retainMs: 60_000 });
      queue.append(records(3));
      await drain(queue);
      queue.expire();
      expect(queue.vacant).toBe(false);
      vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ['Date'] });
      onTestFinished(() => void vi.useRealTimers());
      queue.expire();
      queue.close();
      expect(existsSync(options.directory)).toBe(false);
    });

    test('it makes room before anything undelivered does, and never counts as lost', async () => {
      const size = spanRecord('0000000000000001').length + 8;
      const { queue, ledger } = setUp({ retainMs: 60_000, maxBytes: size * 40 });
      for (let from = 1; from <= 30; from++) queue.append(records(1, from));
      await drain(queue);
      for (let from = 31; from <= 65; from++) queue.append(records(1, from));
      expect(queue.bytes).toBeLessThanOrEqual(size * 40);
      expect(await drain(queue)).toEqual(records(35, 31));
      expect(ledger.counters(0).dropped).toBe(0);
    });
  });

  test('appending only if there is room drops nothing', async () => {
    const size = spanRecord('0000000000000001').length + 8;
    const { queue, ledger } = setUp({ maxBytes: size * 10 });
    const taken = records(20).filter((record) => queue.appendIfRoom([record]));
    expect(taken).toEqual(records(10));
    expect(await drain(queue)).toEqual(taken);
    expect(queue.appendIfRoom(records(10, 50))).toBe(true);
    expect(ledger.counters(0).dropped).toBe(0);
  });

  test('a sync of files that are delivered and gone succeeds', async () => {
    const { queue } = setUp();
    queue.append(records(3));
    await queue.sync();
    queue.append(records(3, 4));
    await drain(queue);
    await expect(queue.sync()).resolves.toBeUndefined();
  });

  test('fsync writes the same', async () => {
    const { queue } = setUp({ sync: true });
    queue.append(records(3));
    expect(await drain(queue)).toEqual(records(3));
  });
});
