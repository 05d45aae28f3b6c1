import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.ts';
import { startSink } from '../support/langfuse-sink.ts';
import { spanIds, spanRecord } from '../support/spans.ts';

describe('delivery', () => {
  test('smoke', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'spool-'));
    const sink = await startSink();
    const delivery = createDelivery({
      destination: { baseUrl: sink.baseUrl, publicKey: 'pk', secretKey: 'sk' },
      spool: { directory, durability: 'batch', maxBytes: 1e8, maxAgeMs: 1e8 },
    });
    const ids = spanIds(300);
    delivery.accept(ids.map((id) => spanRecord(id)));
    const result = await delivery.forceFlush(2000);
    expect(result.outcome).toBe('delivered');
    expect(sink.accepted).toEqual(ids);
    console.log(result.counters, sink.requests.length, sink.requests[0]?.headers);
    await delivery.shutdown();
    await sink.close();
  });
});
