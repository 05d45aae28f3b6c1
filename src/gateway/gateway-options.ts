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

/** What is remembered of the spans of a project. */
export const DEFAULT_RETENTION: PipelineLimits = {
  maxSpans: 200_000,
  maxAgeMs: 15 * 60_000,
  maxSentBytes: 64 * 1024 * 1024,
};

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
  limits?: Partial<GatewayLimits>;
  /** Of each project. More corrects more spans whose children come late; the sum is right with any. */
  retention?: Partial<PipelineLimits>;
}
