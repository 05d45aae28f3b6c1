import { notify } from '../util/diagnostics.ts';
import type { DeliveryCounters } from './delivery.ts';
import type { QueueEvents } from './record-queue.ts';
import type { Settlement } from './sender.ts';

/** Keeps the books of a delivery. Only what is spooled is not booked but counted, in the queues: so the books can be checked. */
export class Ledger implements QueueEvents {
  #accepted = 0;
  #delivered = 0;
  #deadLettered = 0;
  readonly #dropped = new Map<string, number>();

  accepted(count: number): void {
    this.#accepted += count;
  }

  found(count: number): void {
    this.accepted(count);
  }

  dropped(count: number, reason: string): void {
    notify('warn', `dropped:${reason}`, `spans lost: ${count} (${reason})`);
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count);
  }

  /** @param held records of the batch that are still this queue's to settle. */
  settled(settlement: Settlement, held: number): void {
    const { deadLettered, dropped } = settlement;
    const others = Object.values(dropped).reduce((sum, count) => sum + count, deadLettered);
    this.#deadLettered += Math.min(deadLettered, held);
    for (const [reason, count] of Object.entries(dropped)) this.dropped(count, reason);
    this.#delivered += Math.max(0, held - others);
  }

  counters(spooled: number): DeliveryCounters {
    const droppedByReason = Object.fromEntries(this.#dropped);
    const dropped = [...this.#dropped.values()].reduce((sum, count) => sum + count, 0);
    return {
      accepted: this.#accepted,
      delivered: this.#delivered,
      spooled,
      deadLettered: this.#deadLettered,
      dropped,
      droppedByReason,
    };
  }
}
