import type { Cost, CostPart, Pricing } from '../model/cost.ts';
import { type Money, parseUsd, scaleMoney } from '../model/money.ts';
import type { RequestParameters } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { PricedPart, UsageBucket, UsageDetails } from '../model/usage.ts';
import { asString, defined } from '../util/json-read.ts';
import { catalogVersion } from './catalog.ts';
import { feesOf } from './fees.ts';
import type { MatchedModel } from './match-model.ts';
import type { CallFacts } from './price-rule.ts';
import { findProviderByAddress } from './provider.ts';
import { type Rates, ratesFor } from './rates.ts';
import { discountOf, matchPriced, type UserPrices } from './user-prices.ts';

export interface PriceInput {
  /** `gen_ai.provider.name`, or any other name of a provider. */
  provider?: string;
  /** Host the call was sent to. A known one says who bills, whatever client library was used. */
  serverAddress?: string;
  requestModel?: string;
  responseModel?: string;
  /** Disjoint usage, one entry a model: what `toDisjointUsage` returns. */
  parts: readonly PricedPart[];
  /** Tier, region, server tools and money as the provider stated them. */
  reported?: ReportedUsage;
  /** What was asked for, where the price depends on it: size and quality of images, search context. */
  parameters?: RequestParameters;
  /** The time of the call: it selects the price. */
  when: Date;
  /** Prices and discounts of the user, which go before the catalog. */
  prices?: UserPrices;
}

const MILLION = 1_000_000n;

/**
 * What a call costs, exactly. Money the provider states wins over any table, and any table over what an instrumentation
 * reckons. Where a price is missing the call is `unpriced`, with the reason: never 0 and never a guess.
 */
export function priceCall(input: PriceInput): Pricing {
  const { billedUsd, reckonedUsd } = input.reported ?? {};
  if (billedUsd !== undefined) return stated(input, 'provider', billedUsd);
  const pricing = priceByTable(input);
  return 'unpriced' in pricing && reckonedUsd !== undefined ? stated(input, 'instrumentation', reckonedUsd) : pricing;
}

function priceByTable(input: PriceInput): Pricing {
  const { reported, parts } = input;
  if (Number.isNaN(input.when.getTime())) return unpriced('invalid-time', 'the call has no valid time');

  const seller = sellerOf(input);
  const facts = factsOf(input);
  const bill: CostPart[] = [];
  const assumptions = new Set<string>();
  let own: { match: MatchedModel; rates: Rates } | undefined;
  let isByUser = false;
  for (const part of parts) {
    const match = matchPart(seller, input, part);
    if (!match) return unpriced('unknown-model', `no price is known for ${describeModel(input, part)}`);
    const discount = discountOf(input.prices, seller ?? match.provider, input.when);
    isByUser ||= match.overrides !== undefined || discount !== undefined;
    const rates = ratesFor(match, { promptTokens: promptTokens(part.usage), ...facts, ...defined({ discount }) });
    if (own === undefined || part.model === undefined) own = { match, rates };
    for (const text of [match.assumption, ...rates.assumptions]) if (text !== undefined) assumptions.add(text);
    for (const [bucket, count] of rates.billsTokens || !reported?.units ? bucketsOf(part.usage) : []) {
      const line = tokenLine(match.model.id, bucket, count, rates);
      if (!line) return unpriced('unknown-price', `${match.model.id} has no price for ${bucket}`);
      bill.push(line.part);
      if (line.assumption !== undefined) assumptions.add(line.assumption);
    }
  }
  if (!own) return unpriced('no-usage', 'the call reports no usage');
  const fees = feesOf(own.match, own.rates, reported ?? {});
  // Where tokens are the bill, other units only describe the same.
  if (bill.length === 0 && fees.unpricedUnits.length > 0)
    return unpriced('unknown-price', `${own.match.model.id} has no price for ${fees.unpricedUnits.join(', ')}`);
  for (const text of fees.assumptions) assumptions.add(text);
  if (reported?.estimated) assumptions.add('tokens were counted here: the provider reported none');
  return {
    cost: {
      source: isByUser ? 'user' : 'catalog',
      catalogVersion: catalogVersion(own.match.provider),
      assumptions: [...assumptions],
      ...summarise([...bill, ...fees.parts]),
    },
  };
}

function stated({ requestModel, responseModel }: PriceInput, source: Cost['source'], usd: string): Pricing {
  let amount: Money;
  try {
    amount = parseUsd(usd);
  } catch {
    return unpriced('invalid-money', 'the money that the provider states is not a number');
  }
  const model = responseModel ?? requestModel ?? 'unknown';
  const part: CostPart = { item: 'billed', model, quantity: 1, unitPrice: amount, amount };
  return { cost: { ...summarise([part]), source, assumptions: [] } };
}

/** Who bills: the provider at the address, because clients are used against other vendors' compatible APIs. */
function sellerOf({ provider, serverAddress }: PriceInput): string | undefined {
  return (serverAddress === undefined ? undefined : findProviderByAddress(serverAddress)) ?? provider;
}

/**
 * Sellers whose names of a model say more about its price than the name it answers with: a Bedrock inference profile is
 * global or regional, and Claude in it answers as itself.
 */
const PRICED_AS_ASKED: ReadonlySet<string> = new Set(['aws']);

/** The model that answered decides; where its name says nothing, the one that was asked for. */
function matchPart(seller: string | undefined, input: PriceInput, part: PricedPart): MatchedModel | undefined {
  const find = (name: string): MatchedModel | undefined => matchPriced(input.prices, seller, name, input.when);
  if (part.model !== undefined) return find(part.model);
  const { requestModel, responseModel } = input;
  const requested = requestModel === undefined ? undefined : find(requestModel);
  if (requested && PRICED_AS_ASKED.has(requested.provider)) return requested;
  const answered = responseModel === undefined ? undefined : find(responseModel);
  if (answered || !requested || responseModel === undefined) return answered ?? requested;
  return { ...requested, assumption: `price of the requested model ${requestModel}: ${responseModel} is not known` };
}

function factsOf({ reported, serverAddress, parameters, when }: PriceInput): CallFacts {
  const { size, quality } = parameters?.other ?? {};
  return {
    when,
    ...defined({
      serviceTier: reported?.serviceTier,
      inferenceGeo: reported?.inferenceGeo,
      speed: reported?.speed,
      host: serverAddress,
      searchContext: reported?.searchContext,
      imageSize: asString(size),
      imageQuality: asString(quality),
    }),
  };
}

function tokenLine(
  model: string,
  bucket: UsageBucket,
  count: number,
  rates: Rates,
): { part: CostPart; assumption?: string } | undefined {
  const rate = rates.tokenRate(bucket);
  if (!rate) return undefined;
  const { numerator, denominator } = rates.multiplier;
  const price = (quantity: bigint): Money => scaleMoney(rate.perMillion * quantity, numerator, denominator * MILLION);
  const part = { item: bucket, model, quantity: count, unitPrice: price(1n), amount: price(BigInt(count)) };
  return { part, ...defined({ assumption: rate.assumption }) };
}

function bucketsOf(usage: UsageDetails): [UsageBucket, number][] {
  const entries = Object.entries(usage) as [keyof UsageDetails, number][];
  return entries.filter(
    (entry): entry is [UsageBucket, number] => entry[0] !== 'total' && entry[0] !== 'search_units' && entry[1] > 0,
  );
}

function promptTokens(usage: UsageDetails): number {
  return bucketsOf(usage).reduce((sum, [bucket, count]) => (bucket.startsWith('input') ? sum + count : sum), 0);
}

function summarise(parts: CostPart[]): Pick<Cost, 'total' | 'details' | 'parts'> {
  const details: Record<string, Money> = {};
  for (const { item, amount } of parts) details[item] = (details[item] ?? 0n) + amount;
  return { total: parts.reduce((sum, { amount }) => sum + amount, 0n), details, parts };
}

function unpriced(code: string, message: string): Pricing {
  return { unpriced: { code, message } };
}

function describeModel({ provider, responseModel, requestModel }: PriceInput, part: PricedPart): string {
  const model = part.model ?? responseModel ?? requestModel;
  if (model === undefined) return 'a call without a model name';
  return provider === undefined ? `model ${model}` : `model ${model} of ${provider}`;
}
