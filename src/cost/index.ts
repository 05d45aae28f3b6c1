import type { Cost } from '../model/cost.ts';
import { formatUsd, toUsd } from '../model/money.ts';
import type { Problem } from '../model/problem.ts';
import type { RawUsage, ReportedUsage } from '../model/reported-usage.ts';
import type { PricedPart } from '../model/usage.ts';
import { readUsage } from '../provider-usage/formats.ts';
import { toDisjointUsage } from '../usage/disjoint.ts';
import { defined } from '../util/json-read.ts';
import { priceCall } from './price.ts';
import { toUsageDetails, type UsageBuckets } from './usage-buckets.ts';
import type { UserPrices } from './user-prices.ts';

export { CATALOG_VERSION } from './catalog-data.ts';
export { parsePrices, PriceFileError, readPriceFile } from './price-file.ts';
export { type BillLine, type PricedUsage, priceUsage, type UsageQuery } from './price-usage.ts';
export type { UsageBuckets } from './usage-buckets.ts';
export type { Discount, UserModel, UserPrices } from './user-prices.ts';

export interface CostQuery {
  model: string;
  /** Who serves the model: `openai`, `azure.ai.openai`, `aws.bedrock`, ... Without it, the vendor of the model. */
  provider?: string;
  /** Disjoint buckets, or the usage object of a response with the name of its format, e.g. `openai.chat`. */
  usage: UsageBuckets | RawUsage;
  /** The tier that served the call, where the usage object does not say: `batch`, `flex`, `priority`, ... */
  serviceTier?: string;
  /** The time of the call: it selects the price. Default: now. */
  when?: Date;
  /** Prices and discounts that go before the catalog: what `parsePrices` or `readPriceFile` returns. */
  prices?: UserPrices;
}

export interface CostReport {
  /** US dollars, the nearest number to the exact amount. */
  usd: number;
  /** The exact amount, as decimal text. */
  exactUsd: string;
  /** US dollars by bucket and fee. */
  details: Record<string, number>;
  source: Cost['source'];
  /** The price table, where one was used. */
  catalogVersion?: string;
  /** What had to be taken for granted. */
  assumptions: string[];
}

export type CostAnswer = CostReport | { usd: undefined; unpriced: Problem };

/**
 * The exact cost of a call: caches, reasoning, audio, long-context tiers, service tiers and fees as the provider bills
 * them. A model without a known price has `usd: undefined` and says why.
 *
 * @throws {RangeError} if a count is not a whole number, or the usage object cannot be read.
 *
 * @example
 * calculateCost({ model: 'gpt-4o', usage: { input: 86, input_cached_tokens: 1920, output: 300 } }).usd; // 0.005615
 *
 * @example
 * const response = await anthropic.messages.create(...);
 * calculateCost({
 *   provider: 'anthropic',
 *   model: response.model,
 *   usage: { format: 'anthropic.messages', body: response.usage },
 * });
 */
export function calculateCost({
  model,
  provider,
  usage,
  serviceTier,
  when = new Date(),
  prices,
}: CostQuery): CostAnswer {
  const { parts, reported } =
    'format' in usage ? readRaw(usage) : { parts: [{ usage: toUsageDetails(usage) }], reported: undefined };
  const facts = { ...(reported ?? NO_FACTS), ...defined({ serviceTier }) };
  const pricing = priceCall({ requestModel: model, parts, reported: facts, when, ...defined({ provider, prices }) });
  if ('unpriced' in pricing) return { usd: undefined, unpriced: pricing.unpriced };
  const { total, details, source, catalogVersion, assumptions } = pricing.cost;
  return {
    usd: toUsd(total),
    exactUsd: formatUsd(total),
    details: Object.fromEntries(Object.entries(details).map(([item, amount]) => [item, toUsd(amount)])),
    source,
    ...defined({ catalogVersion }),
    assumptions,
  };
}

/** A call that has not been made yet. */
export interface EstimateQuery extends Omit<CostQuery, 'usage'> {
  inputTokens: number;
  outputTokens: number;
  /** Of the input tokens, those that will be read from a cache. */
  cachedTokens?: number;
}

/**
 * What a call will cost by the list price of today, in US dollars, for budgets and checks before it is made.
 * `undefined`: the model is not known. A free model costs 0.
 *
 * @throws {RangeError} if a count is not a whole number, or more tokens are cached than there are.
 *
 * @example
 * const tokens = countTokens(messages, { model: 'gpt-4o' }); // from 'otel-langfuse/tokens'
 * if ((estimateCost('gpt-4o', tokens, 500) ?? Infinity) > 0.05) throw new Error('too expensive');
 *
 * @example
 * estimateCost({ model: 'gpt-5', provider: 'azure', inputTokens: 9000, cachedTokens: 8000, outputTokens: 500 });
 */
export function estimateCost(query: EstimateQuery): number | undefined;
export function estimateCost(model: string, inputTokens: number, outputTokens: number): number | undefined;
export function estimateCost(query: EstimateQuery | string, input = 0, output = 0): number | undefined {
  if (typeof query === 'string') return estimateCost({ model: query, inputTokens: input, outputTokens: output });
  const { inputTokens, outputTokens, cachedTokens = 0, ...call } = query;
  const usage = { input: inputTokens - cachedTokens, input_cached_tokens: cachedTokens, output: outputTokens };
  return calculateCost({ ...call, usage }).usd;
}

const NO_FACTS: ReportedUsage = {
  inputIncludes: { cacheRead: false, cacheWrite: false },
  outputIncludes: { reasoning: false },
};

function readRaw(raw: RawUsage): { parts: PricedPart[]; reported: ReportedUsage } {
  const reported = readUsage(raw);
  if (!reported) throw new RangeError(`usage of format "${raw.format}" cannot be read: use e.g. "openai.chat"`);
  return { parts: toDisjointUsage(reported).parts, reported };
}
