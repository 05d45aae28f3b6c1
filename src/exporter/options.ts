import type { Config, Mask, SpanSelection } from '../config/config.ts';
import { readEnvironment } from '../config/environment.ts';
import { PriceFileError, readPriceFile } from '../cost/price-file.ts';
import type { UserPrices } from '../cost/user-prices.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { DeliveryOptions } from '../delivery/create-delivery.ts';
import type { PriceSource } from '../refresh/catalog-refresh.ts';
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
  /**
   * Rewrites every text of a span before it leaves the process, but names, ids and settings: input and output as one text
   * each, metadata text by text, and as they are other attributes, events, links, errors and the resource. Where a mask
   * throws or returns no text, nothing of the text is sent.
   */
  mask?: Mask;
  /**
   * Prices and discounts that go before the built-in ones: a file, or what `parsePrices` of `otel-langfuse/cost`
   * returns. Default: `OTEL_LANGFUSE_PRICES`. A file that cannot be used is told of, and the built-in prices hold.
   */
  prices?: string | UserPrices;
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
  prices?: UserPrices;
  /** Where newer prices are, if they are to be downloaded. */
  priceSource?: PriceSource;
  /** Where the records go; nowhere where the environment switches this package off. */
  target: { delivery: Delivery } | { options: DeliveryOptions } | 'nowhere';
  /** Whether spans are handed on as they end rather than in batches. */
  immediately: boolean;
}

const SELECTIONS: readonly SpanSelection[] = ['llm-path', 'all', 'llm'];

/** @throws {RangeError} if an option makes no sense. A bad environment variable is only reported. */
export function resolveOptions(options: ExporterOptions): Settings {
  const { config, problems } = readEnvironment();
  for (const { variable, message } of problems) notify('warn', `config:${variable}`, message);
  const { langfuse, capture } = config;
  const spans = options.spans ?? config.spans;
  if (!SELECTIONS.includes(spans)) throw new RangeError(`spans: ${spans} is none of ${SELECTIONS.join(', ')}`);
  const spool = { ...config.spool, ...options.spool };
  return {
    ...defined({
      environment: options.environment ?? langfuse.environment,
      release: options.release ?? langfuse.release,
      mask: options.mask ?? capture.mask,
      prices: resolvePrices(options.prices ?? config.pricesFile),
      priceSource: config.disabled ? undefined : priceSourceOf(config.pricesUrl, spool),
    }),
    spans,
    captureContent: capture.content,
    target: config.disabled ? 'nowhere' : targetOf(options, config, spool),
    immediately: spool.durability === 'span' || spool.durability === 'fsync',
  };
}

function resolvePrices(prices: string | UserPrices | undefined): UserPrices | undefined {
  if (typeof prices !== 'string') return prices;
  try {
    return readPriceFile(prices);
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    notify('error', 'prices', `prices: ${error.message}. Using the built-in prices.`);
    return undefined;
  }
}

function priceSourceOf(url: string | undefined, spool: Config['spool']): PriceSource | undefined {
  if (url === undefined) return undefined;
  return spool.durability === 'memory' ? { url } : { url, directory: spool.directory };
}

function targetOf(
  options: ExporterOptions,
  { langfuse, metrics }: Pick<Config, 'langfuse' | 'metrics'>,
  spool: Config['spool'],
): Settings['target'] {
  if (options.delivery) return { delivery: options.delivery };
  const { publicKey = langfuse.publicKey, secretKey = langfuse.secretKey, baseUrl = langfuse.baseUrl } = options;
  if (!URL.canParse(baseUrl) || !/^https?:/i.test(baseUrl))
    throw new RangeError(`baseUrl: ${baseUrl} is no address such as https://cloud.langfuse.com`);
  const destination =
    publicKey && secretKey ? { baseUrl: baseUrl.replace(/\/+$/, ''), publicKey, secretKey } : undefined;
  return { options: { destination, spool, metrics } };
}
