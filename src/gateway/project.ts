import { createDelivery } from '../delivery/create-delivery.ts';
import type { Delivery, DeliveryCounters, DurableDelivery } from '../delivery/delivery.ts';
import { recentRecords } from '../delivery/recent-records.ts';
import type { Destination } from '../delivery/spool-layout.ts';
import { type ExporterOptions, resolveOptions } from '../exporter/options.ts';
import { Pipeline, type PipelineCounters, type PipelineLimits } from '../exporter/pipeline.ts';
import { leaseRefresh } from '../refresh/lease-refresh.ts';
import { HttpError } from './http-reply.ts';
import { type LangfuseApi, langfuseApi } from './legacy/langfuse-api.ts';
import { SdkTraces } from './legacy/sdk-traces.ts';
import type { ReceivedSpan } from './received-span.ts';
import { PathSelector } from './select-path.ts';
import { inSlices } from './slices.ts';

/** After so many seconds a client whose spans there was no room for is to try again. */
const RETRY_AFTER = 5;

/** What became of the spans of a project. */
export interface ProjectCounters {
  received: number;
  /** Went to Langfuse: LLM spans and what leads to them. */
  selected: number;
  counting: PipelineCounters;
  delivery: DeliveryCounters;
}

/** What a project is put together of. */
interface ProjectParts {
  selector: PathSelector;
  pipeline: Pipeline;
  delivery: Delivery | DurableDelivery;
  /** Absent where spans stay here. */
  destination?: Destination | undefined;
  sdkTraces: SdkTraces;
  /** Ends the download of newer prices. */
  releaseRefresh?: (() => void) | undefined;
}

/** A Langfuse project: spans are selected, counted and priced within it, and delivered to it. */
export class Project {
  readonly #parts: ProjectParts;
  readonly destination: Destination | undefined;
  /** Langfuse itself, for what the gateway does not do. */
  readonly langfuse: LangfuseApi | undefined;
  /** What came from the former Langfuse SDK. */
  readonly sdkTraces: SdkTraces;
  /**
   * Refused records. Their spans will be sent again, but corrections of other spans among them are given out only once:
   * nothing is taken before these are. At most those of the requests that were under way when the first was refused.
   */
  #owed: string[] = [];
  #settling: Promise<boolean> | undefined;
  #received = 0;
  #selected = 0;

  constructor(parts: ProjectParts) {
    this.#parts = parts;
    this.destination = parts.destination;
    this.langfuse = parts.destination && langfuseApi(parts.destination);
    this.sdkTraces = parts.sdkTraces;
  }

  /**
   * Resolves when what goes to Langfuse is where it survives.
   * @throws {HttpError} 503 if there is no room for it.
   */
  async take(spans: readonly ReceivedSpan[]): Promise<void> {
    const isClear = await (this.#settling ??= this.#settleOwed());
    if (!isClear) throw noRoom();
    const { selected, passed } = this.#parts.selector.select(spans);
    this.#received += spans.length;
    this.#selected += selected.length;
    let between = passed;
    for (const slice of inSlices(selected, ({ span }) => span.recordBytes)) {
      if (!(await this.#store(this.#parts.pipeline.toRecords(slice, between)))) throw noRoom();
      between = [];
    }
  }

  counters(): ProjectCounters {
    const { pipeline, delivery } = this.#parts;
    return {
      received: this.#received,
      selected: this.#selected,
      counting: pipeline.counters(),
      delivery: delivery.counters(),
    };
  }

  /** Delivers, for at most 2 s; the rest stays in the spool. */
  async close(): Promise<void> {
    this.#parts.releaseRefresh?.();
    await this.#parts.delivery.shutdown();
  }

  async #settleOwed(): Promise<boolean> {
    const owed = this.#owed;
    this.#owed = [];
    const isClear = await this.#store(owed);
    this.#settling = undefined;
    return isClear;
  }

  async #store(records: readonly string[]): Promise<boolean> {
    const { delivery } = this.#parts;
    if (records.length === 0) return true;
    if (!('acceptDurably' in delivery)) {
      delivery.accept(records);
      return true;
    }
    const outcome = await delivery.acceptDurably(records);
    if (outcome === 'refused') this.#owed = this.#owed.concat(records);
    return outcome === 'durable';
  }
}

/**
 * Opens a project: its counting goes on where that of a gateway that has ended stopped, and what that left is delivered.
 * @throws {RangeError} if an option makes no sense, or the environment switches this package off.
 */
export async function openProject(options: ExporterOptions, retention: PipelineLimits): Promise<Project> {
  const settings = resolveOptions(options);
  const { target, priceSource } = settings;
  if (target === 'nowhere')
    throw new RangeError('OTEL_LANGFUSE_DISABLED or OTEL_SDK_DISABLED is set: a gateway would deliver nothing');
  const selector = new PathSelector(settings.spans);
  const pipeline = new Pipeline({ ...settings, limits: retention });
  const sdkTraces = new SdkTraces();
  const parts = { selector, pipeline, sdkTraces, releaseRefresh: priceSource && leaseRefresh(priceSource) };
  if ('delivery' in target) return new Project({ ...parts, delivery: target.delivery });
  const deliveryOptions = { ...target.options, retainMs: retention.maxAgeMs };
  const recent = { sinceMs: Date.now() - retention.maxAgeMs, maxRecords: retention.maxSpans };
  for await (const record of recentRecords(deliveryOptions, recent)) {
    for (const span of pipeline.restore([record])) {
      selector.restore(span);
      sdkTraces.restore(span);
    }
  }
  // After they were read: a delivery takes over what is there.
  return new Project({
    ...parts,
    destination: target.options.destination,
    delivery: createDelivery(deliveryOptions),
  });
}

function noRoom(): HttpError {
  return new HttpError(503, 'no room in the spool: Langfuse does not take spans as fast as they come', RETRY_AFTER);
}
