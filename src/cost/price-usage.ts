import type { Cost, CostPart, Pricing } from '../model/cost.ts';
import type { JsonObject } from '../model/json.ts';
import { formatUsd, toUsd } from '../model/money.ts';
import type { Problem } from '../model/problem.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { UsageDetails } from '../model/usage.ts';
import type { ExchangeFacts } from '../protocol/protocol.ts';
import { readUsage } from '../provider-usage/formats.ts';
import { toDisjointUsage } from '../usage/disjoint.ts';
import { asString, defined } from '../util/json-read.ts';
import { priceCall, type PriceInput } from './price.ts';
import { findUsageApi, type UsageApi, usageIn } from './usage-api.ts';
import { toUsageDetails, type UsageBuckets } from './usage-buckets.ts';
import type { UserPrices } from './user-prices.ts';

/** A call to be priced: one of `body`, `usage` and `usageDetails` says what was used. */
export interface UsageQuery {
  /** Who serves the model: `openai`, `azure.ai.openai`, `aws.bedrock`, ... Without it, the vendor of the model. */
  provider?: string;
  /** The model that was asked for; a response may name the one that answered. */
  model?: string;
  /** The provider's whole response. It also says which tools were used and which tier served it. */
  body?: JsonObject;
  /** The provider's usage object, as it states it. */
  usage?: JsonObject;
  /** Tokens in buckets that share none. */
  usageDetails?: UsageBuckets;
  /** The API that `body` or `usage` is of, e.g. `openai.chat`; without it, their shape tells. */
  usageFormat?: string;
  /** The body of the request, where the price depends on it. */
  request?: JsonObject;
  /** The tier that served the call, where nothing else says. */
  serviceTier?: string;
  /** The time of the call: it selects the price. Default: now. */
  when?: Date;
  /** Prices and discounts that go before the catalog: what `parsePrices` or `readPriceFile` returns. */
  prices?: UserPrices;
}

/** One line of the bill, in US dollars: the nearest numbers to the exact amounts. */
export interface BillLine {
  /** A usage bucket, a fee, a unit, or `billed`. */
  item: string;
  /** The model whose price applied. */
  model: string;
  quantity: number;
  /** Price of one, after every multiplier. */
  unitUsd: number;
  usd: number;
}

export interface PricedUsage {
  /** US dollars, the nearest number to the exact amount. */
  usd: number;
  /** The exact amount, as decimal text. */
  exactUsd: string;
  parts: BillLine[];
  /** Disjoint tokens by bucket. */
  usageDetails: Partial<UsageDetails>;
  /** `provider`: money the response states. `catalog`: our price table. `user`: prices you gave. */
  source: Cost['source'];
  /** The price table, where one was used. */
  catalogVersion?: string;
  /** What had to be taken for granted. */
  assumptions: string[];
  /** What is odd about the usage, e.g. parts that exceed their whole. */
  problems: Problem[];
}

/**
 * The exact cost of what a provider reported, with every line of the bill.
 *
 * @throws {RangeError} if nothing says what was used, or it cannot be read.
 *
 * @example
 * const response = await openai.responses.create({ ... });
 * priceUsage({ provider: 'openai', body: response });
 */
export function priceUsage(query: UsageQuery): PricedUsage | { usd: undefined; unpriced: Problem } {
  const { input, usageDetails, problems } = readQuery(query);
  const pricing = priceCall({
    ...input,
    ...defined({ provider: query.provider, prices: query.prices }),
    when: query.when ?? new Date(),
  });
  return 'unpriced' in pricing
    ? { usd: undefined, unpriced: pricing.unpriced }
    : { ...describe(pricing), usageDetails, problems };
}

function describe({ cost }: Extract<Pricing, { cost: unknown }>): Omit<PricedUsage, 'usageDetails' | 'problems'> {
  const { total, parts, source, catalogVersion, assumptions } = cost;
  return {
    usd: toUsd(total),
    exactUsd: formatUsd(total),
    parts: parts.map(toLine),
    source,
    ...defined({ catalogVersion }),
    assumptions,
  };
}

function toLine({ item, model, quantity, unitPrice, amount }: CostPart): BillLine {
  return { item, model, quantity, unitUsd: toUsd(unitPrice), usd: toUsd(amount) };
}

interface Reading {
  input: Omit<PriceInput, 'when'>;
  usageDetails: UsageDetails;
  problems: Problem[];
}

function readQuery(query: UsageQuery): Reading {
  const { usageDetails, serviceTier, model } = query;
  if (usageDetails) {
    const usage = toUsageDetails(usageDetails);
    const reported = { ...NOTHING_INSIDE, ...defined({ serviceTier }) };
    return {
      input: { parts: [{ usage }], reported, ...defined({ requestModel: model }) },
      usageDetails: usage,
      problems: [],
    };
  }
  const { usage, ...call } = readReported(query);
  const reported = { ...usage, ...defined({ serviceTier }) };
  const { usage: total, parts, problems } = toDisjointUsage(reported);
  return { input: { ...call, parts, reported }, usageDetails: total, problems };
}

const NOTHING_INSIDE: ReportedUsage = {
  inputIncludes: { cacheRead: false, cacheWrite: false },
  outputIncludes: { reasoning: false },
};

/** A call that nobody saw on its way. */
const NO_EXCHANGE: ExchangeFacts = { host: '', path: '', responseHeader: () => undefined };

type ReportedCall = Omit<PriceInput, 'when' | 'parts' | 'reported'> & { usage: ReportedUsage };

function readReported({ body, usage, usageFormat, provider, model, request }: UsageQuery): ReportedCall {
  const object = body ? usageIn(body) : usage;
  if (!object) throw new RangeError('one of usage, usage details and body is needed');
  const stated = asString(body?.model) ?? asString(body?.modelVersion);
  const api = findUsageApi(object, { format: usageFormat, provider, model: model ?? stated });
  if (!api) throw new RangeError(unknownFormat(usageFormat));
  const asked = request && api.protocol?.readRequest(request, NO_EXCHANGE);
  const answered = body && api.protocol?.readResponse(body, NO_EXCHANGE);
  const units = answered?.units ?? asked?.units;
  const read =
    answered?.usage ?? readUsage({ format: api.format, body: object }) ?? (units && { ...NOTHING_INSIDE, units });
  if (!read) throw new RangeError(`it states no usage of format "${api.format}"`);
  return {
    usage: read,
    ...defined({
      requestModel: model ?? asked?.requestModel,
      responseModel: answered?.responseModel ?? stated,
      parameters: asked?.parameters,
    }),
  };
}

function unknownFormat(format: UsageApi['format'] | undefined): string {
  return format === undefined
    ? 'the shape of the usage is not known: say its format, e.g. "openai.chat"'
    : `usage format "${format}" is not known: use e.g. "openai.chat"`;
}
