import { isMainThread } from 'node:worker_threads';
import { trace } from '@opentelemetry/api';
import type { Config } from './config/config.ts';
import { readEnvironment } from './config/environment.ts';
import { setContextPropagation } from './context/llm-context.ts';
import type { FlushResult } from './delivery/delivery.ts';
import { installExitHandlers } from './delivery/exit.ts';
import { LlmSpanProcessor, type LlmSpanProcessorOptions } from './exporter/span-processor.ts';
import { LlmInstrumentation, type LlmInstrumentationConfig } from './instrumentation/llm-instrumentation.ts';
import { loadSdk } from './sdk.ts';
import { installProcessor } from './tracer-provider.ts';
import { atMost } from './util/at-most.ts';
import { notify, setLogLevel } from './util/diagnostics.ts';
import { settlePendingWork } from './util/pending-work.ts';

/** Options of {@link register}; what is left out comes from the environment. */
export type RegisterOptions = LlmSpanProcessorOptions & Omit<LlmInstrumentationConfig, 'enabled'>;

export interface Registration {
  /**
   * Resolves when every call that has ended is `delivered` or, where Langfuse does not answer within 30 s, `durable`: on
   * disk, and delivered later. Where nothing can be on disk, the rest is `pending` in memory. Never rejects.
   */
  forceFlush(): Promise<FlushResult['outcome']>;
  /** Restores the hooked globals, flushes for at most 2 s, and stops. */
  shutdown(): Promise<void>;
}

const INERT: Registration = { forceFlush: async () => 'delivered', shutdown: async () => {} };

const SHUTDOWN_MS = 2000;

const KEY = Symbol.for('otel-langfuse.registration');
const registered = globalThis as { [KEY]?: Registration };

/**
 * Switches everything on: hooks, spans, export to Langfuse, delivery that survives the process. What the preload
 * does, in code, e.g. for `instrumentation.ts` of Next.js. Calling it again returns the first registration. Never throws.
 */
export function register(options: RegisterOptions = {}): Registration {
  registered[KEY] ??= start(options);
  return registered[KEY];
}

function start(options: RegisterOptions): Registration {
  const { config, problems } = readEnvironment();
  setLogLevel(config.logLevel);
  for (const problem of problems) notify('warn', `config:${problem.variable}`, problem.message);
  if (config.disabled) return INERT;
  try {
    const registration = install(options, config);
    if (isMainThread) announce(options, config);
    return registration;
  } catch (error) {
    notify('error', 'register', `is off: ${error instanceof Error ? error.message : String(error)}`);
    return INERT;
  }
}

function install(options: RegisterOptions, config: Config): Registration {
  const sdk = loadSdk();
  setContextPropagation(config.propagateContext);
  const processor = new LlmSpanProcessor(options);
  const instrumentation = new LlmInstrumentation(options);
  const others = sdk.exportingProcessors(config.tracesExporters);
  installProcessor(sdk, processor, others, (fallback) => instrumentation.setTracerProvider(fallback));
  // The processor looks after itself when the process ends; the environment's own exporters do not.
  const uninstallExitHandlers = installExitHandlers([{ appendNow() {}, forceFlush: () => flushOthers(others) }]);
  return {
    forceFlush: () => flush(processor),
    async shutdown() {
      instrumentation.disable();
      uninstallExitHandlers();
      await Promise.all([processor.shutdown(), atMost(SHUTDOWN_MS, flushOthers(others))]);
      delete registered[KEY];
    },
  };
}

/** Says once where the spans go, if they cannot go to Langfuse: a missing key is not an error. */
function announce(options: RegisterOptions, config: Config): void {
  const publicKey = options.publicKey ?? config.langfuse.publicKey;
  const secretKey = options.secretKey ?? config.langfuse.secretKey;
  if (publicKey && secretKey) return;
  const directory = options.spool?.directory ?? config.spool.directory;
  const missing = [!publicKey && 'LANGFUSE_PUBLIC_KEY', !secretKey && 'LANGFUSE_SECRET_KEY']
    .filter(Boolean)
    .join(' and ');
  notify(
    'info',
    'no-keys',
    `${missing} not set, LLM calls are kept in ${directory}; see them with \`npx otel-langfuse report\`.`,
  );
}

/** Flushes every processor of the app's provider, and says what became of what is for Langfuse. */
async function flush(processor: LlmSpanProcessor): Promise<FlushResult['outcome']> {
  await settlePendingWork();
  const provider = trace.getTracerProvider() as { getDelegate?(): Flushable };
  const delegate = provider.getDelegate?.() ?? (provider as Flushable);
  const [{ outcome }] = await Promise.all([processor.flush(), flushOthers([delegate])]);
  return outcome;
}

interface Flushable {
  forceFlush?(): Promise<void>;
}

/** What fails in them, they tell of themselves. */
async function flushOthers(others: readonly Flushable[]): Promise<void> {
  await settlePendingWork();
  await Promise.allSettled(others.map((other) => other.forceFlush?.()));
}
