import { createDelivery, type DeliveryOptions, spoolFolder } from '../delivery/create-delivery.ts';
import type { Delivery } from '../delivery/delivery.ts';
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

/** The delivery for these settings: one a destination in a process, however many processors and exporters feed it. */
export function leaseDelivery(target: Settings['target']): DeliveryLease {
  if ('delivery' in target) {
    const { delivery } = target;
    return { delivery, release: async () => void (await delivery.forceFlush()) };
  }
  const deliveries = (registry[KEY] ??= new Map());
  const key = keyOf(target.options);
  const shared = deliveries.get(key) ?? { delivery: createDelivery(target.options), users: 0 };
  deliveries.set(key, shared);
  shared.users++;
  return {
    delivery: shared.delivery,
    release: async () => {
      if (--shared.users > 0) return void (await shared.delivery.forceFlush());
      deliveries.delete(key);
      await shared.delivery.shutdown();
    },
  };
}

function keyOf({ destination, spool }: DeliveryOptions): string {
  return `${spoolFolder({ destination, spool })} ${spool.durability}`;
}
