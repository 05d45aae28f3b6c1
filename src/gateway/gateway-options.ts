import { getHeapStatistics } from 'node:v8';
import type { Config } from '../config/config.ts';
import type { ExporterOptions } from '../exporter/options.ts';
import type { PipelineLimits } from '../exporter/pipeline.ts';
import type { ConnectionLimits, ServerTls } from '../server/listener.ts';
import type { PassOnTarget } from './pass-on.ts';
import type { RoutingRule } from './route.ts';

/** How much the gateway takes on, whoever asks. */
export interface GatewayLimits extends ConnectionLimits {
  /** Of one body, as sent and as unpacked. */
  bodyBytes: number;
  /** Of all bodies that are being received or stored, as sent and as unpacked. */
  bytesInFlight: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  bodyBytes: 20 * 1024 * 1024,
  bytesInFlight: 128 * 1024 * 1024,
  connections: 4_096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
};

/** What Node allows itself: half of the memory of the machine or container, up to 4 GB, or `--max-old-space-size`. */
const HEAP_BYTES = getHeapStatistics().heap_size_limit;
/** What the counting of a span takes in memory, about. */
const SPAN_BYTES = 600;
/** A gateway that starts reads them again, at some 50 µs each: with more it would keep everybody waiting for too long. */
const MAX_SPANS = 500_000;

/** What is remembered of the spans of a project: counts in a quarter of the heap, what may go again in another. */
export const DEFAULT_RETENTION: PipelineLimits = {
  maxSpans: Math.min(MAX_SPANS, Math.floor(HEAP_BYTES / 4 / SPAN_BYTES)),
  maxAgeMs: 15 * 60_000,
  // As text, which takes twice its bytes.
  maxSentBytes: Math.floor(HEAP_BYTES / 8),
};

/** Of each project: many apps wait behind a gateway for as long as Langfuse is away. */
export const DEFAULT_SPOOL: Pick<Config['spool'], 'maxBytes'> = { maxBytes: 10 * 1024 * 1024 * 1024 };

export interface GatewayOptions {
  /** Default: 127.0.0.1. Anything that other machines reach needs a token. */
  host?: string;
  /** Default: 4318, the port of OTLP/HTTP; 0 takes a free one. */
  port?: number;
  /** What requests must have as bearer token. */
  token?: string;
  tls?: ServerTls;
  /** Langfuse projects by name; `default` takes what no rule sends elsewhere. Default: that of the environment. */
  projects?: Readonly<Record<string, ExporterOptions>>;
  /** The first rule that fits decides. */
  routes?: readonly RoutingRule[];
  /** Other OTLP endpoints that get what comes, untouched. */
  passOn?: readonly PassOnTarget[];
  /** Where and how safely spans wait for Langfuse. Those of each project may take `maxBytes`; default: 10 GB. */
  spool?: Partial<Config['spool']>;
  limits?: Partial<GatewayLimits>;
  /** Of each project. More corrects more spans whose children come late; the sum is right with any. */
  retention?: Partial<PipelineLimits>;
}
