import { readdirSync, renameSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDelivery, type DeliveryOptions, spoolFolder } from '../../src/delivery/create-delivery.ts';
import { DiskQueue } from '../../src/delivery/disk-queue.ts';
import { Ledger } from '../../src/delivery/ledger.ts';
import { recentRecords } from '../../src/delivery/recent-records.ts';
import { listSegments } from '../../src/delivery/spool-layout.ts';
import { startSink } from '../support/langfuse-sink.ts';
import { spanIds, spanRecord } from '../support/spans.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const records = (count: number, from = 1): string[] => spanIds(count, from).map((id) => spanRecord(id));

async function recent(options: DeliveryOptions, { sinceMs = 0, maxRecords = Infinity } = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const record of recentRecords(options, { sinceMs, maxRecords })) found.push(record);
  return found;
}

describe('recent records', () => {
  test('delivered and undelivered ones of ended processes, not those of a living one', async () => {
    const sink = await startSink();
    onTestFinished(() => sink.close());
    const options: DeliveryOptions = {
      destination: { baseUrl: sink.baseUrl, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' },
      spool: { directory: temporaryDirectory(), durability: 'batch', maxBytes: 1e8, maxAgeMs: 1e9 },
      retainMs: 60_000,
    };
    const delivery = createDelivery(options);
    delivery.accept(records(4));
    expect((await delivery.forceFlush(5000)).outcome).toBe('delivered');
    sink.answer = () => ({ status: 503 });
    delivery.accept(records(2, 5));
    await delivery.shutdown(10);
    expect(await recent(options)).toEqual([]);

    const folder = spoolFolder(options);
    const [own = ''] = readdirSync(folder);
    const ended = path.join(folder, own.replace(/^\d+/, '99999999'));
    renameSync(path.join(folder, own), ended);
    expect(await recent(options)).toEqual(records(6));
    expect(await recent({ ...options, spool: { ...options.spool, directory: temporaryDirectory() } })).toEqual([]);

    const longAgo = new Date(Date.now() - 3_600_000);
    for (const segment of listSegments(ended)) utimesSync(segment.path, longAgo, longAgo);
    expect(await recent(options, { sinceMs: Date.now() - 60_000 })).toEqual([]);
  });

  test('not many more than can be remembered, the last of them', async () => {
    const spool = { directory: temporaryDirectory(), durability: 'batch', maxBytes: 1e9, maxAgeMs: 1e9 } as const;
    const directory = path.join(spoolFolder({ spool }), '99999999-00000000.0-00000000');
    // Silent for so long that its process is taken for dead.
    const queue = new DiskQueue({ directory, maxBytes: 4e6, sync: false, events: new Ledger() });
    const all = records(5000);
    for (const record of all) queue.append([record]);
    queue.close();
    for (const { path: file, sequence } of listSegments(directory)) utimesSync(file, sequence, sequence);
    utimesSync(directory, 1, 1);
    const last = await recent({ spool }, { maxRecords: 1000 });
    expect(last.length).toBeGreaterThanOrEqual(1000);
    expect(last.length).toBeLessThan(3000);
    expect(last).toEqual(all.slice(-last.length));
    expect(await recent({ spool })).toEqual(all);
  });
});
