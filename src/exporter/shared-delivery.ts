import { createDelivery, type DeliveryOptions, spoolFolder } from '../delivery/create-delivery.ts';
import type { Delivery, FlushResult } from '../delivery/delivery.ts';
import type { Settings } from './options.ts';

interface Shared {
  delivery: Delivery;
  users: number;
}

/** On the process, not in this module: an app may hold several copies of it (a bundle beside the preload). */
const KEY = Symbol.for('otel-langfuse.deliveries');
const registry = globalThis as { [KEY]?: Map<string, Shared> };

/** A delivery and how to let go of it: the last user shuts it down. */
export interface DeliveryLease {
  delivery: Delivery;
  release(): Promise<void>;
}

/** Who lets go of a delivery that others go on with waits as long as for its shutdown. */
const RELEASE_MS = 2000;

/** Takes everything and keeps nothing. */
function nowhere(): Delivery {
  const counters = { accepted: 0, delivered: 0, spooled: 0, deadLettered: 0, dropped: 0, droppedByReason: {} };
  const flushed = async (): Promise<FlushResult> => ({ outcome: 'delivered', counters });
  return { accept() {}, appendNow() {}, forceFlush: flushed, shutdown: flushed, counters: () => counters };
}

/** The delivery for these settings: one a destination in a process, however many processors and exporters feed it. */
export function leaseDelivery(target: Settings['target']): DeliveryLease {
  if (target === 'nowhere' || 'delivery' in target) {
    const delivery = target === 'nowhere' ? nowhere() : target.delivery;
    return { delivery, release: async () => void (await delivery.forceFlush(RELEASE_MS)) };
  }
  const shares = (registry[KEY] ??= new Map());
  const key = keyOf(target.options);
  const shared = shares.get(key) ?? { delivery: createDelivery(target.options), users: 0 };
  shares.set(key, shared);
  shared.users++;
  return {
    delivery: shared.delivery,
    release: async () => {
      if (--shared.users > 0) return void (await shared.delivery.forceFlush(RELEASE_MS));
      shares.delete(key);
      await shared.delivery.shutdown();
    },
  };
}

/**
 * The deliveries of this process, one a destination: what became of its spans so far, and flushes that say whether
 * everything is delivered or only safe.
 */
export function deliveries(): Pick<Delivery, 'counters' | 'forceFlush'>[] {
  return Array.from(registry[KEY]?.values() ?? [], ({ delivery }) => delivery);
}

function keyOf({ destination, spool }: DeliveryOptions): string {
  return `${spoolFolder({ destination, spool })} ${spool.durability}`;
}
