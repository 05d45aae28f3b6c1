/**
 * How a span gets to Langfuse once it has ended, and where each part of that is:
 *
 *     otlp-json, otlp-value    a span becomes a record: the text of one OTLP ResourceSpans
 *           │
 *     create-delivery          puts the parts below together, and keeps the ledger's invariant
 *           │
 *     own-spool ───────────────── disk-queue (segment, record, cursor), else memory-queue
 *     adopted-spools ──────────── adoption (process-identity): what dead processes left; caps
 *           │ batches of a record-queue
 *     transmission             a few requests at a time, each span's records in-order
 *           │
 *     splitting-sender         halves what is too large or malformed: shorten-record, dead-letters
 *     retrying-sender          waits and tries again, for ever
 *     http-sender              one request; classify-response says what its answer means
 *
 * Beside the way: exit (the end of the process), spool-layout (names and modes on disk), and for other programs
 * read-spool, recent-records, verify-spool and local-spools. docs/delivery.md has the bounds and what was tried.
 */

/** What happened to the records of a process. Invariant: accepted = delivered + spooled + deadLettered + dropped. */
export interface DeliveryCounters {
  accepted: number;
  delivered: number;
  /** On disk or in memory, not yet acknowledged by Langfuse. */
  spooled: number;
  deadLettered: number;
  dropped: number;
  /** `dropped` by reason: `disk-cap`, `memory-cap`, `age`, `unserialisable`, ... */
  droppedByReason: Record<string, number>;
}

export interface FlushResult {
  /** `delivered`: Langfuse has everything. `durable`: on disk, to be delivered later. `pending`: in memory only. */
  outcome: 'delivered' | 'durable' | 'pending';
  counters: DeliveryCounters;
}

/** Takes finished records and brings them to Langfuse. Nothing here throws into the caller. */
export interface Delivery {
  /**
   * Accepts records, each the JSON text of one OTLP `ResourceSpans` with one span (a record is valid OTLP on its own).
   * Synchronous and cheap: the append happens within 20 ms or 64 records, whichever is first.
   */
  accept(records: readonly string[]): void;
  /** Appends what is in memory to the spool now, synchronously. For process exit. */
  appendNow(): void;
  /** Resolves when everything accepted before the call is delivered, or after `timeoutMs`, saying which. Never rejects. */
  forceFlush(timeoutMs?: number): Promise<FlushResult>;
  /** Flushes for at most `timeoutMs` (2 s), then stops; the rest stays in the spool for a later process. Never rejects. */
  shutdown(timeoutMs?: number): Promise<FlushResult>;
  counters(): DeliveryCounters;
}

/** A delivery that can say no, for senders that can wait and send again: a gateway answers them only then. */
export interface DurableDelivery extends Delivery {
  /**
   * Takes records and resolves once they would survive a crash of the machine: within milliseconds, many calls share one
   * fsync. With durability `memory`, they are as safe as that is. Never rejects.
   *
   * - `durable`: they are taken.
   * - `refused`: the spool is full or fails. Nothing is dropped for these records; send them again later. Should a
   *   failing disk have them all the same, they may arrive twice, which Langfuse tells by their span ids.
   */
  acceptDurably(records: readonly string[]): Promise<'durable' | 'refused'>;
}
