import { installExitHandlers } from '../delivery/exit.ts';
import { leaseRefresh } from '../refresh/lease-refresh.ts';
import { guard } from '../util/guard.ts';
import { finishPendingWork, settlePendingWork } from '../util/pending-work.ts';
import { type ExporterOptions, resolveOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import type { ReadableSpanLike } from './readable-span.ts';
import { Selector } from './select.ts';
import { type DeliveryLease, leaseDelivery } from './shared-delivery.ts';

export type LangfuseSpanExporterOptions = ExporterOptions;

/** `ExportResult` of `@opentelemetry/core`. */
export interface ExportResult {
  /** 0 success, 1 failed. */
  code: 0 | 1;
  error?: Error;
}

/**
 * An OpenTelemetry span exporter for pipelines that are there already: LLM spans of any instrumentation go to Langfuse.
 * It sees spans only as they are exported, a batch at a time; a parent exported before its children is sent again when
 * they leave it less usage of its own.
 *
 * @example
 * new NodeSDK({ traceExporter: new LangfuseSpanExporter() }).start();
 */
export class LangfuseSpanExporter {
  readonly #selector: Selector;
  readonly #pipeline: Pipeline;
  readonly #lease: DeliveryLease;
  readonly #releaseRefresh: (() => void) | undefined;
  readonly #uninstallExitHandlers: () => void;
  #shutdown: Promise<void> | undefined;

  /** @throws {RangeError} if an option makes no sense. */
  constructor(options: LangfuseSpanExporterOptions = {}) {
    const settings = resolveOptions(options);
    this.#selector = new Selector({ selection: settings.spans, seesStarts: false });
    this.#pipeline = new Pipeline(settings);
    this.#lease = leaseDelivery(settings.target);
    this.#releaseRefresh = settings.priceSource && leaseRefresh(settings.priceSource);
    this.#uninstallExitHandlers = installExitHandlers([this]);
  }

  /** Succeeds once the spans are accepted: from then on they are not lost, whatever Langfuse does. */
  export(spans: readonly ReadableSpanLike[], done: (result: ExportResult) => void): void {
    if (this.#shutdown) return done({ code: 1, error: new Error('the exporter is shut down') });
    guard('span start', () => this.#selector.startedTogether(spans));
    for (const span of spans) guard('span end', () => this.#selector.ended(span));
    // The whole batch has ended: what still waits, waits for spans that are broken.
    guard('span release', () => this.#selector.release('all'));
    guard('delivery', () => {
      const { selected, passed } = this.#selector.take();
      const records = this.#pipeline.toRecords(selected, passed);
      if (records.length > 0) this.#lease.delivery.accept(records);
    });
    done({ code: 0 });
  }

  /** Resolves when everything exported so far is delivered or, where Langfuse does not answer in time, on disk. */
  async forceFlush(timeoutMs?: number): Promise<void> {
    await settlePendingWork();
    await this.#lease.delivery.forceFlush(timeoutMs);
  }

  /**
   * Puts everything exported so far where it survives the process, synchronously; calls that have ended are spans then,
   * which are exported where a processor of the app hands them on at once.
   * @param final whether the process is ending: calls still under way end with it.
   */
  appendNow(final: boolean = false): void {
    finishPendingWork(final);
    this.#lease.delivery.appendNow();
  }

  shutdown(): Promise<void> {
    return (this.#shutdown ??= this.#stop());
  }

  async #stop(): Promise<void> {
    this.#uninstallExitHandlers();
    this.#releaseRefresh?.();
    await this.#lease.release();
  }
}
