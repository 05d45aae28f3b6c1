import type { Attributes, Context } from '@opentelemetry/api';
import { inheritedAttributes } from '../context/inherited-attributes.ts';
import { llmContextAttributes, llmContextOf } from '../context/llm-context.ts';
import { noteEnd, noteStart } from '../context/open-spans.ts';
import type { FlushResult } from '../delivery/delivery.ts';
import { installExitHandlers } from '../delivery/exit.ts';
import { leaseRefresh } from '../refresh/lease-refresh.ts';
import { guard } from '../util/guard.ts';
import { finishPendingWork, settlePendingWork } from '../util/pending-work.ts';
import { type ExporterOptions, resolveOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import type { ReadableSpanLike } from './readable-span.ts';
import { Selector, type StartedSpan } from './select.ts';
import { type DeliveryLease, leaseDelivery } from './shared-delivery.ts';

export type LlmSpanProcessorOptions = ExporterOptions;

/** A span that has just started, of any SDK. */
export type WritableSpan = StartedSpan & { setAttributes(attributes: Attributes): unknown };

/** Ended spans are read so many milliseconds or spans later, off the app's path. */
const BATCH_MS = 25;
const BATCH_SPANS = 64;
/** Where the event loop never gets its turn, they are read in the app's path after all. */
const MAX_QUEUE = 4_096;
/** How often it is looked whether held spans have waited long enough. */
const HOLD_CHECK_MS = 1_000;

/**
 * An OpenTelemetry span processor that sends LLM spans, and what leads to them, to Langfuse: usage counted once, costs
 * exact, nothing lost. Prefer it to {@link LangfuseSpanExporter}: it knows spans from their start, and writes the values
 * of `withLlmContext` on them.
 *
 * @example
 * new NodeSDK({ spanProcessors: [new LlmSpanProcessor()] }).start();
 */
export class LlmSpanProcessor {
  readonly #selector: Selector;
  readonly #pipeline: Pipeline;
  readonly #lease: DeliveryLease;
  readonly #immediately: boolean;
  readonly #releaseRefresh: (() => void) | undefined;
  readonly #uninstallExitHandlers: () => void;
  #queue: ReadableSpanLike[] = [];
  #timer: NodeJS.Timeout | undefined;
  #holdTimer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** Nothing is taken: switched off by the environment, or shut down. */
  #isOff: boolean;
  #shutdown: Promise<void> | undefined;

  /** @throws {RangeError} if an option makes no sense. */
  constructor(options: LlmSpanProcessorOptions = {}) {
    const settings = resolveOptions(options);
    this.#selector = new Selector({ selection: settings.spans, seesStarts: true });
    this.#pipeline = new Pipeline(settings);
    this.#lease = leaseDelivery(settings.target);
    this.#releaseRefresh = settings.priceSource && leaseRefresh(settings.priceSource);
    this.#immediately = settings.immediately;
    this.#isOff = settings.target === 'nowhere';
    this.#uninstallExitHandlers = installExitHandlers([this]);
  }

  onStart(span: WritableSpan, parentContext: Context): void {
    if (this.#isOff) return;
    guard('span start', () => {
      const values = llmContextOf(parentContext);
      if (values) span.setAttributes(llmContextAttributes(values));
      const inherited = inheritedAttributes(span);
      if (inherited) span.setAttributes(inherited);
      this.#selector.started(span);
      noteStart(span);
    });
  }

  onEnd(span: ReadableSpanLike): void {
    if (this.#isOff) return;
    guard('span end', () => noteEnd(span.spanContext().spanId));
    this.#queue.push(span);
    if (this.#immediately || this.#queue.length >= MAX_QUEUE) this.#process();
    else if (this.#queue.length >= BATCH_SPANS) this.#immediate ??= setImmediate(() => this.#process()).unref();
    else this.#timer ??= setTimeout(() => this.#process(), BATCH_MS).unref();
  }

  /** Resolves when every span that has ended is delivered or, where Langfuse does not answer in time, on disk. */
  async forceFlush(timeoutMs?: number): Promise<void> {
    await this.flush(timeoutMs);
  }

  /** As {@link forceFlush}, and says which, for which OpenTelemetry has no place. */
  async flush(timeoutMs?: number): Promise<FlushResult> {
    await settlePendingWork();
    this.#process(true);
    return this.#lease.delivery.forceFlush(timeoutMs);
  }

  /**
   * Puts every span that has ended where it survives the process, synchronously.
   * @param final whether the process is ending: calls still under way end with it.
   */
  appendNow(final: boolean = false): void {
    finishPendingWork(final);
    this.#process(true);
    this.#lease.delivery.appendNow();
  }

  /** Flushes, for at most 2 s, and stops. */
  shutdown(): Promise<void> {
    return (this.#shutdown ??= this.#stop());
  }

  async #stop(): Promise<void> {
    await settlePendingWork();
    this.#process(true);
    this.#isOff = true;
    this.#uninstallExitHandlers();
    this.#releaseRefresh?.();
    clearTimeout(this.#holdTimer);
    await this.#lease.release();
  }

  /** Never throws: timers and the app's own calls come here. @param all whether spans that wait for others go as well. */
  #process(all = false): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#holdTimer);
    clearImmediate(this.#immediate);
    this.#timer = this.#holdTimer = this.#immediate = undefined;
    guard('spans', () => this.#processQueue(all));
  }

  #processQueue(all: boolean): void {
    const ended = this.#queue;
    this.#queue = [];
    for (const span of ended) guard('span end', () => this.#selector.ended(span));
    guard('span release', () => this.#selector.release(all ? 'llm' : 'due'));
    guard('delivery', () => {
      const { selected, passed } = this.#selector.take();
      const records = this.#pipeline.toRecords(selected, passed);
      if (records.length > 0) this.#lease.delivery.accept(records);
    });
    if (this.#selector.holding > 0) this.#holdTimer = setTimeout(() => this.#process(), HOLD_CHECK_MS).unref();
  }
}
