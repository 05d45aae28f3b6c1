import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import { readEnvironment } from '../config/environment.ts';
import { nameProviders } from '../protocol/provider.ts';
import { watchAiTelemetry } from './ai-telemetry.ts';
import { patchFetch } from './fetch.ts';
import { patchHttp } from './http.ts';
import { patchHttp2 } from './http2.ts';
import { type CaptureOptions, Instrument } from './instrument.ts';
import type { Patch } from './patch.ts';
import { SCOPE } from './scope.ts';
import { patchUndici } from './undici.ts';
import { watchWebSockets } from './websocket.ts';

/** Kept on the process: two copies of the package (a bundle beside the preload) must not both hook it. */
const HOOKED = Symbol.for('otel-langfuse.hooked');
const installed = globalThis as { [HOOKED]?: boolean };

const PATCHES = [patchFetch, patchHttp, patchHttp2, patchUndici, watchWebSockets, watchAiTelemetry];

/** Options of {@link LlmInstrumentation}; what is left out comes from the environment. */
export interface LlmInstrumentationConfig {
  enabled?: boolean;
  /** Whether messages are recorded (`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`). */
  captureContent?: boolean;
  maxContentLength?: number;
  mask?: Config['capture']['mask'];
  /** Whether streams are made to report usage that the app did not ask for (`OTEL_LANGFUSE_STREAM_USAGE`). */
  streamUsage?: Config['capture']['streamUsage'];
  /** Which provider is at a host (`OTEL_LANGFUSE_PROVIDERS`), e.g. `{ 'llm.internal': 'mistral_ai' }`. */
  providers?: Config['providers'];
}

/**
 * Traces every call to an LLM API that the process makes through `fetch`, `node:http`, `node:https`, `node:http2`, undici
 * or a WebSocket, whatever the client library. Structurally an OpenTelemetry `Instrumentation`: pass it to `NodeSDK` or
 * `registerInstrumentations`.
 *
 * @example
 * new NodeSDK({ instrumentations: [new LlmInstrumentation()] }).start();
 */
export class LlmInstrumentation {
  readonly instrumentationName: string = SCOPE.name;
  readonly instrumentationVersion: string = SCOPE.version;
  #config: LlmInstrumentationConfig;
  #capture: CaptureOptions;
  #provider: TracerProvider | undefined;
  #enabled: { instrument: Instrument; patches: Patch[] } | undefined;

  constructor(config: LlmInstrumentationConfig = {}) {
    this.#config = config;
    this.#capture = apply(config);
    if (config.enabled !== false) this.enable();
  }

  /** Installs the hooks. Where they are installed already, by this or another copy of the package, those do the work. */
  enable(): void {
    if (installed[HOOKED]) return;
    installed[HOOKED] = true;
    const instrument = new Instrument(
      () => this.#capture,
      () => this.#provider,
    );
    const patches = PATCHES.map((patch) => patch(instrument));
    this.#enabled = { instrument, patches };
  }

  /** Removes the hooks: the globals are the originals again. Calls under way still get their spans. */
  disable(): void {
    if (!this.#enabled) return;
    for (const patch of this.#enabled.patches.toReversed()) patch.restore();
    this.#enabled.instrument.dispose();
    this.#enabled = undefined;
    installed[HOOKED] = false;
  }

  getConfig(): LlmInstrumentationConfig {
    return this.#config;
  }

  setConfig(config: LlmInstrumentationConfig): void {
    this.#config = config;
    this.#capture = apply(config);
  }

  /** Spans go to this provider instead of the global one. */
  setTracerProvider(provider: TracerProvider): void {
    this.#provider = provider;
  }

  /** Part of `Instrumentation`; this one has no metrics. */
  setMeterProvider(_provider: MeterProvider): void {}
}

/** Fills in what the environment says. Who is at a host holds for the process, as the hooks do. */
function apply(config: LlmInstrumentationConfig): CaptureOptions {
  const { capture, providers } = readEnvironment().config;
  nameProviders({ ...providers, ...config.providers });
  return {
    content: config.captureContent ?? capture.content,
    maxContentLength: config.maxContentLength ?? capture.maxContentLength,
    streamUsage: config.streamUsage ?? capture.streamUsage,
    ...(config.mask && { mask: config.mask }),
  };
}
