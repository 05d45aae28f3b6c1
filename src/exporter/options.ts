import type { Config, Mask, SpanSelection } from '../config/config.ts';
import { readEnvironment } from '../config/environment.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { DeliveryOptions } from '../delivery/create-delivery.ts';
import { notify } from '../util/diagnostics.ts';
import { defined } from '../util/json-read.ts';

/** Options of the processor and the exporter; what is left out comes from the environment. */
export interface ExporterOptions {
  /** Without both keys, spans stay in the local spool. Default: `LANGFUSE_PUBLIC_KEY`. */
  publicKey?: string;
  /** Default: `LANGFUSE_SECRET_KEY`. */
  secretKey?: string;
  /** Default: `LANGFUSE_BASE_URL`, else the Langfuse cloud. */
  baseUrl?: string;
  /** Default: `LANGFUSE_TRACING_ENVIRONMENT`. */
  environment?: string;
  /** Default: `LANGFUSE_RELEASE`. */
  release?: string;
  /** Which spans go to Langfuse. Default: `OTEL_LANGFUSE_SPANS`, else LLM spans and the ancestors that lead to them. */
  spans?: SpanSelection;
  /** Rewrites input and output of every span before it leaves the process; a mask that throws masks everything. */
  mask?: Mask;
  /** Where and how safely spans wait for Langfuse. Default: `OTEL_LANGFUSE_SPOOL_*` and `OTEL_LANGFUSE_DURABILITY`. */
  spool?: Partial<Config['spool']>;
  /** Takes the records in place of the spool and its sender. */
  delivery?: Delivery;
}

/** Everything an exporter needs to know, defaults filled in. */
export interface Settings {
  environment?: string;
  release?: string;
  spans: SpanSelection;
  captureContent: boolean;
  mask?: Mask;
  target: { delivery: Delivery } | { options: DeliveryOptions };
  /** Whether spans are handed on as they end rather than in batches. */
  immediately: boolean;
}

export function resolveOptions(options: ExporterOptions): Settings {
  const { config, problems } = readEnvironment();
  for (const { variable, message } of problems) notify('warn', `config:${variable}`, message);
  const { langfuse, capture } = config;
  const spool = { ...config.spool, ...options.spool };
  const publicKey = options.publicKey ?? langfuse.publicKey;
  const secretKey = options.secretKey ?? langfuse.secretKey;
  const baseUrl = (options.baseUrl ?? langfuse.baseUrl).replace(/\/+$/, '');
  const destination = publicKey && secretKey ? { baseUrl, publicKey, secretKey } : undefined;
  return {
    ...defined({
      environment: options.environment ?? langfuse.environment,
      release: options.release ?? langfuse.release,
      mask: options.mask ?? capture.mask,
    }),
    spans: options.spans ?? config.spans,
    captureContent: capture.content,
    target: options.delivery ? { delivery: options.delivery } : { options: { destination, spool } },
    immediately: spool.durability === 'span' || spool.durability === 'fsync',
  };
}
