import { type ExporterOptions, resolveOptions } from '../exporter/options.ts';
import { Pipeline } from '../exporter/pipeline.ts';
import { type DeliveryLease, leaseDelivery } from '../exporter/shared-delivery.ts';
import { PathSelector } from './select-path.ts';
import type { ReceivedSpan } from './received-span.ts';

/** A Langfuse project: spans are selected, counted and priced within it, and delivered to it. */
export class Project {
  readonly #selector: PathSelector;
  readonly #pipeline: Pipeline;
  readonly #lease: DeliveryLease;

  /** @throws {RangeError} if an option makes no sense. */
  constructor(options: ExporterOptions) {
    const settings = resolveOptions(options);
    this.#selector = new PathSelector(settings.spans);
    this.#pipeline = new Pipeline(settings);
    this.#lease = leaseDelivery(settings.target);
  }

  /** Resolves when what goes to Langfuse is where it survives. */
  async take(spans: readonly ReceivedSpan[]): Promise<void> {
    const records = this.#pipeline.toRecords(this.#selector.select(spans));
    if (records.length > 0) this.#lease.delivery.accept(records);
  }

  /** Delivers, for at most 2 s; the rest stays in the spool. */
  async close(): Promise<void> {
    await this.#lease.release();
  }
}
