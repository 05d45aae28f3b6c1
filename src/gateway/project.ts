import { createDelivery } from '../delivery/create-delivery.ts';
import type { Delivery, DeliveryCounters, DurableDelivery } from '../delivery/delivery.ts';
import { type ExporterOptions, resolveOptions } from '../exporter/options.ts';
import { Pipeline } from '../exporter/pipeline.ts';
import { HttpError } from './http-reply.ts';
import type { ReceivedSpan } from './received-span.ts';
import { PathSelector } from './select-path.ts';

/** After so many seconds a client whose spans there was no room for is to try again. */
const RETRY_AFTER = 5;

/** What became of the spans of a project. */
export interface ProjectCounters {
  received: number;
  /** Went to Langfuse: LLM spans and what leads to them. */
  selected: number;
  delivery: DeliveryCounters;
}

/** A Langfuse project: spans are selected, counted and priced within it, and delivered to it. */
export class Project {
  readonly #selector: PathSelector;
  readonly #pipeline: Pipeline;
  readonly #delivery: Delivery | DurableDelivery;
  /**
   * Refused records. Their spans will be sent again, but corrections of other spans among them are given out only once:
   * nothing is taken before these are. At most those of the requests that were under way when the first was refused.
   */
  #owed: string[] = [];
  #settling: Promise<boolean> | undefined;
  #received = 0;
  #selected = 0;

  /** @throws {RangeError} if an option makes no sense, or the environment switches this package off. */
  constructor(options: ExporterOptions) {
    const settings = resolveOptions(options);
    if (settings.target === 'nowhere')
      throw new RangeError('OTEL_LANGFUSE_DISABLED or OTEL_SDK_DISABLED is set: a gateway would deliver nothing');
    this.#selector = new PathSelector(settings.spans);
    this.#pipeline = new Pipeline(settings);
    this.#delivery = 'delivery' in settings.target ? settings.target.delivery : createDelivery(settings.target.options);
  }

  /**
   * Resolves when what goes to Langfuse is where it survives.
   * @throws {HttpError} 503 if there is no room for it.
   */
  async take(spans: readonly ReceivedSpan[]): Promise<void> {
    const isClear = await (this.#settling ??= this.#settleOwed());
    if (!isClear) throw noRoom();
    const selected = this.#selector.select(spans);
    this.#received += spans.length;
    this.#selected += selected.length;
    if (!(await this.#store(this.#pipeline.toRecords(selected)))) throw noRoom();
  }

  counters(): ProjectCounters {
    return { received: this.#received, selected: this.#selected, delivery: this.#delivery.counters() };
  }

  /** Delivers, for at most 2 s; the rest stays in the spool. */
  async close(): Promise<void> {
    await this.#delivery.shutdown();
  }

  async #settleOwed(): Promise<boolean> {
    const owed = this.#owed;
    this.#owed = [];
    const isClear = await this.#store(owed);
    this.#settling = undefined;
    return isClear;
  }

  async #store(records: readonly string[]): Promise<boolean> {
    if (records.length === 0) return true;
    if (!('acceptDurably' in this.#delivery)) {
      this.#delivery.accept(records);
      return true;
    }
    const outcome = await this.#delivery.acceptDurably(records);
    if (outcome === 'refused') this.#owed.push(...records);
    return outcome === 'durable';
  }
}

function noRoom(): HttpError {
  return new HttpError(
    503,
    'there is no room in the spool: Langfuse does not take spans as fast as they come',
    RETRY_AFTER,
  );
}
