import type { LogLevel } from '../util/diagnostics.ts';

/** How soon an ended span is on disk. `batch`: within 50 ms. `span`: as it ends. `fsync`: and synced. `memory`: never. */
type Durability = 'batch' | 'span' | 'fsync' | 'memory';

/** Which spans go to Langfuse. `llm-path`: LLM spans and the ancestors that lead to them. */
export type SpanSelection = 'llm-path' | 'all' | 'llm';

/** Replaces sensitive text. Where it throws or returns no text, nothing of the text is recorded. */
export type Mask = (text: string, where: { attribute: string }) => string;

/** A value of `OTEL_TRACES_EXPORTER`, `otlp` with its protocol. */
export type TracesExporter = 'console' | 'otlp http/json' | 'otlp http/protobuf' | 'otlp grpc';

/** Everything that can be configured, with defaults filled in. */
export interface Config {
  langfuse: {
    baseUrl: string;
    publicKey?: string;
    secretKey?: string;
    environment?: string;
    release?: string;
  };
  spool: {
    /** Root of all spool directories of this user. */
    directory: string;
    durability: Durability;
    /** Cap of one process' spool in bytes. */
    maxBytes: number;
    maxAgeMs: number;
  };
  capture: {
    /** Whether messages, tool definitions and their like are recorded. */
    content: boolean;
    /** Characters of content kept of one message list; what is beyond is cut with a marker. */
    maxContentLength: number;
    /** Rewrites recorded content: gets each content value as text, returns what to record instead. */
    mask?: Mask;
    /**
     * What to do with an OpenAI-compatible stream whose request does not ask for usage. `off`: nothing. `inject`: ask for it,
     * and keep the event that reports it from the app.
     */
    streamUsage: 'off' | 'inject';
  };
  /** Prices of the user, which go before the built-in ones. */
  pricesFile?: string;
  /** Where newer prices than the built-in ones are; without it, nothing is downloaded. */
  pricesUrl?: string;
  spans: SpanSelection;
  /** Host, with or without its port, or domain it is in -> `gen_ai.provider.name` of the calls to it. */
  providers: Readonly<Record<string, string>>;
  /** Send `withLlmContext` values to other services as baggage. */
  propagateContext: boolean;
  /** Show the counters of delivery as metrics of the app. */
  metrics: boolean;
  /** Where the environment sends spans besides Langfuse, by the variables of the OpenTelemetry specification. */
  tracesExporters: TracesExporter[];
  disabled: boolean;
  logLevel: LogLevel;
}

/** A variable that was ignored because its value made no sense. */
export interface ConfigProblem {
  variable: string;
  message: string;
}
