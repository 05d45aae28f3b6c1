import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DeliveryOptions } from '../../src/delivery/create-delivery.ts';
import { deliveries, leaseDelivery } from '../../src/exporter/shared-delivery.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';

const DAY = 24 * 60 * 60 * 1000;

function optionsIn(directory: string, publicKey?: string): { options: DeliveryOptions } {
  const spool = { directory, durability: 'batch', maxBytes: 1_000_000, maxAgeMs: DAY } as const;
  // Port 9 discards: nothing listens there.
  const destination = publicKey ? { baseUrl: 'http://127.0.0.1:9', publicKey, secretKey: 'sk' } : undefined;
  return { options: { destination, spool } };
}

describe('shared delivery', () => {
  test('one a destination, shut down by its last user', async () => {
    const directory = temporaryDirectory();
    const first = leaseDelivery(optionsIn(directory));
    const second = leaseDelivery(optionsIn(directory));
    const other = leaseDelivery(optionsIn(directory, 'pk-other'));
    expect(second.delivery).toBe(first.delivery);
    expect(other.delivery).not.toBe(first.delivery);
    expect(deliveries()).toEqual([first.delivery, other.delivery]);
    await Promise.all([first.release(), other.release()]);
    second.delivery.accept(['{}']);
    expect(second.delivery.counters()).toMatchObject({ accepted: 1, spooled: 1 });
    await second.release();
    expect(deliveries()).toEqual([]);
    const third = leaseDelivery(optionsIn(directory));
    expect(third.delivery).not.toBe(first.delivery);
    await third.release();
  });

  test('a delivery of the app’s own is flushed, never shut down', async () => {
    const delivery = new RecordingDelivery();
    const lease = leaseDelivery({ delivery });
    expect(lease.delivery).toBe(delivery);
    await lease.release();
    expect(delivery).toMatchObject({ flushes: 1, shutdowns: 0 });
  });

  test('nowhere touches nothing', async () => {
    const directory = temporaryDirectory();
    const lease = leaseDelivery('nowhere');
    lease.delivery.accept(['{}']);
    expect(lease.delivery.counters().accepted).toBe(0);
    await lease.release();
    expect(existsSync(directory) && readdirSync(directory)).toEqual([]);
  });
});
