import { type Money, parseUsd, scaleMoney } from '../model/money.ts';
import type { UsageBucket } from '../model/usage.ts';
import type { CatalogModel, Price, PriceKey, PriceSet } from './catalog.ts';
import type { MatchedModel } from './match-model.ts';
import { STANDARD_TIERS, PRICE_RULES } from './overlay.ts';
import { type CallFacts, type PriceRule, isAtHour, ruleCovers, ruleHolds } from './price-rule.ts';

interface PriceSource {
  key: PriceKey;
  /** Multiple of the price that the bucket costs. */
  times?: bigint;
  /** Billing it so is the rule of the provider, not an assumption of ours. */
  byRule?: true;
}

const INPUT: PriceSource = { key: 'input_mtok' };
const OUTPUT: PriceSource = { key: 'output_mtok' };

/**
 * The price of each bucket: the first that the model has. What comes after the first is an assumption that the cost
 * names, unless providers bill it so by rule.
 */
const SOURCES: Readonly<Record<UsageBucket, readonly [PriceSource, ...PriceSource[]]>> = {
  input: [INPUT],
  input_cached_tokens: [{ key: 'cache_read_mtok' }, INPUT],
  input_cached_audio_tokens: [
    { key: 'cache_audio_read_mtok' },
    { key: 'input_audio_mtok' },
    { key: 'cache_read_mtok' },
    INPUT,
  ],
  input_cached_image_tokens: [
    { key: 'cache_image_read_mtok' },
    { key: 'cache_read_mtok' },
    { key: 'input_image_mtok' },
    INPUT,
  ],
  input_cache_creation: [{ key: 'cache_write_mtok' }, INPUT],
  // Everyone who sells one-hour writes (Claude, wherever it runs) bills twice the input price for them.
  input_cache_creation_1h: [{ key: 'cache_write_1h_mtok' }, { ...INPUT, times: 2n, byRule: true }],
  input_audio_tokens: [{ key: 'input_audio_mtok' }, INPUT],
  // Models that see images bill their tokens as text unless they have a price for them.
  input_image_tokens: [{ key: 'input_image_mtok' }, { ...INPUT, byRule: true }],
  input_video_tokens: [{ key: 'input_video_mtok' }, { ...INPUT, byRule: true }],
  output: [OUTPUT],
  output_reasoning_tokens: [{ key: 'output_reasoning_mtok' }, { ...OUTPUT, byRule: true }],
  output_audio_tokens: [{ key: 'output_audio_mtok' }, OUTPUT],
  output_image_tokens: [{ key: 'output_image_mtok' }, OUTPUT],
};

/** Under which key a model states the price of a bucket. */
export function priceKeyOf(bucket: UsageBucket): PriceKey {
  return SOURCES[bucket][0].key;
}

export function isUsageBucket(name: string): name is UsageBucket {
  return Object.hasOwn(SOURCES, name);
}

export const USAGE_BUCKETS: readonly string[] = Object.keys(SOURCES);

interface Rate {
  /** Exact price of a million tokens before {@link Rates.multiplier}. */
  perMillion: Money;
  assumption?: string;
}

type Fraction = { numerator: bigint; denominator: bigint };

/** What a model costs for one call. */
export interface Rates {
  /** `undefined`: the model has no such price. */
  tokenRate(bucket: UsageBucket): Rate | undefined;
  /** A price that no tier changes; `undefined`: there is no such fee. */
  fee(key: PriceKey): Money | undefined;
  /** The price of a unit other than tokens. */
  unit(key: PriceKey): Money | undefined;
  /** Whether tokens are what is billed; else they only describe what is. */
  billsTokens: boolean;
  /** Exact factor on every token price. */
  multiplier: Fraction;
  assumptions: string[];
}

/** What holds where neither request nor response says: the defaults of the APIs that have these. */
const DEFAULTS = { searchContext: 'low', imageSize: '1024x1024', imageQuality: 'standard' } as const;

interface RateFacts extends CallFacts {
  /** All input of the call, cached or not: it selects the tier. */
  promptTokens: number;
  /** Decimal factor on everything, negotiated by the user. */
  discount?: string;
}

export function ratesFor({ provider, model, overrides }: MatchedModel, facts: RateFacts): Rates {
  const covering = rulesCovering(provider, model);
  const known: CallFacts = Object.assign({}, DEFAULTS, facts);
  const rules = covering.filter((rule) => ruleHolds(rule, known));
  const catalogPrices = eraAt(model, facts.when)?.prices ?? {};
  const prices: PriceSet = Object.assign({}, catalogPrices, ...rules.map((rule) => rule.prices), overrides);
  const cachedInput = rules.find((rule) => rule.cachedInput !== undefined)?.cachedInput;
  const isFree = Object.keys(catalogPrices).length === 0 && overrides === undefined;
  const discounts = facts.discount === undefined ? [] : [facts.discount];
  const discount = product(discounts);
  const multiplier = product([...rules.flatMap((rule) => rule.multiplier ?? []), ...discounts]);

  const priceOf = (key: PriceKey): Money | undefined => {
    if (isFree) return 0n;
    const price = prices[key];
    return price === undefined ? undefined : parseUsd(atSize(price, facts.promptTokens));
  };
  const cachedPrice = (): Money | undefined =>
    cachedInput === undefined ? undefined : times(priceOf('input_mtok'), product([cachedInput]));
  return {
    tokenRate(bucket) {
      for (const [index, { key, times: factor = 1n, byRule }] of SOURCES[bucket].entries()) {
        const price = priceOf(key) ?? (key === 'cache_read_mtok' ? cachedPrice() : undefined);
        if (price === undefined) continue;
        const assumed = index > 0 && !byRule;
        return {
          perMillion: price * factor,
          ...(assumed && { assumption: `${model.id}: no price for ${bucket}, billed at ${key}` }),
        };
      }
      return undefined;
    },
    fee: (key) => (isFree ? undefined : times(priceOf(key), discount)),
    unit: (key) => times(priceOf(key), multiplier),
    billsTokens: isFree || Object.keys(prices).some((key) => key.endsWith('_mtok')),
    multiplier,
    assumptions: [
      ...(isFree ? [] : tierAssumptions(facts, covering.some(isAboutTier), rules.some(isAboutTier))),
      ...defaultAssumptions(facts, covering),
      ...rules.flatMap((rule) => rule.note ?? []),
    ],
  };
}

/** Of the many rules few cover a model, and a process uses few models. */
const coveringRules = new WeakMap<CatalogModel, readonly PriceRule[]>();

function rulesCovering(provider: string, model: CatalogModel): readonly PriceRule[] {
  let rules = coveringRules.get(model);
  if (!rules) {
    rules = PRICE_RULES.filter((rule) => ruleCovers(rule, provider, model.id));
    coveringRules.set(model, rules);
  }
  return rules;
}

function times(price: Money | undefined, { numerator, denominator }: Fraction): Money | undefined {
  return price === undefined ? undefined : scaleMoney(price, numerator, denominator);
}

function isAboutTier(rule: PriceRule): boolean {
  return rule.when?.serviceTier !== undefined;
}

function tierAssumptions({ serviceTier }: CallFacts, hasTiers: boolean, tierApplied: boolean): string[] {
  if (serviceTier === undefined) return hasTiers ? ['standard tier: none reported'] : [];
  if (tierApplied || STANDARD_TIERS.has(serviceTier.toLowerCase())) return [];
  return [`standard prices: none known for tier ${serviceTier}`];
}

function defaultAssumptions(facts: CallFacts, covering: readonly PriceRule[]): string[] {
  return Object.entries(DEFAULTS)
    .map(([fact, value]) => ({ fact: fact as keyof typeof DEFAULTS, value }))
    .filter(({ fact }) => facts[fact] === undefined && covering.some((rule) => rule.when?.[fact] !== undefined))
    .map(({ fact, value }) => `${fact} ${value}: none stated`);
}

/** The prices of a model that hold at a time. */
export function eraAt(model: CatalogModel, when: Date): CatalogModel['eras'][number] | undefined {
  return model.eras.findLast(
    ({ from, hours }) =>
      (from === undefined || when >= new Date(from)) && (hours === undefined || isAtHour(when, hours)),
  );
}

function atSize(price: Price, promptTokens: number): number {
  if (typeof price === 'number') return price;
  return price.tiers.findLast((tier) => promptTokens > tier.above)?.price ?? price.base;
}

const ONE: Money = parseUsd(1);

function product(factors: readonly string[]): Fraction {
  const numerator = factors.reduce((result, factor) => result * parseUsd(factor), 1n);
  return { numerator, denominator: ONE ** BigInt(factors.length) };
}
