import { type Money, parseUsd } from '../model/money.ts';
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
const SOURCES: Readonly<Record<UsageBucket, readonly PriceSource[]>> = {
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

interface Rate {
  /** Exact price of a million tokens before {@link Rates.multiplier}. */
  perMillion: Money;
  assumption?: string;
}

/** What a model costs for one call. */
export interface Rates {
  /** `undefined`: the model has no such price. */
  tokenRate(bucket: UsageBucket): Rate | undefined;
  /** Price of a thousand calls, never multiplied; `undefined`: there is no such fee. */
  feePerThousand(key: PriceKey): Money | undefined;
  /** Exact factor on every token price, a fraction. */
  multiplier: { numerator: bigint; denominator: bigint };
  assumptions: string[];
}

/** @param promptTokens all input of the call, cached or not: it selects the tier. */
export function ratesFor({ provider, model }: MatchedModel, facts: CallFacts, promptTokens: number): Rates {
  const covering = PRICE_RULES.filter((rule) => ruleCovers(rule, provider, model.id));
  const rules = covering.filter((rule) => ruleHolds(rule, facts));
  const catalogPrices = pricesAt(model, facts.when);
  const prices: PriceSet = Object.assign({}, catalogPrices, ...rules.map((rule) => rule.prices));
  const isFree = Object.keys(catalogPrices).length === 0;

  const priceOf = (key: PriceKey): Money | undefined => {
    if (isFree) return 0n;
    const price = prices[key];
    return price === undefined ? undefined : parseUsd(atSize(price, promptTokens));
  };
  return {
    tokenRate(bucket) {
      for (const [index, { key, times = 1n, byRule }] of SOURCES[bucket].entries()) {
        const price = priceOf(key);
        if (price === undefined) continue;
        const assumed = index > 0 && !byRule;
        return {
          perMillion: price * times,
          ...(assumed && { assumption: `${model.id}: no price for ${bucket}, billed at ${key}` }),
        };
      }
      return undefined;
    },
    feePerThousand: (key) => (isFree ? undefined : priceOf(key)),
    multiplier: product(rules.flatMap((rule) => rule.multiplier ?? [])),
    assumptions: isFree ? [] : tierAssumptions(facts, covering.some(isAboutTier), rules.some(isAboutTier)),
  };
}

function isAboutTier(rule: PriceRule): boolean {
  return rule.when?.serviceTier !== undefined;
}

function tierAssumptions({ serviceTier }: CallFacts, hasTiers: boolean, tierApplied: boolean): string[] {
  if (serviceTier === undefined) return hasTiers ? ['standard tier: none reported'] : [];
  if (tierApplied || STANDARD_TIERS.has(serviceTier.toLowerCase())) return [];
  return [`standard prices: none known for tier ${serviceTier}`];
}

function pricesAt(model: CatalogModel, when: Date): PriceSet {
  const era = model.eras.findLast(
    ({ from, hours }) =>
      (from === undefined || when >= new Date(from)) && (hours === undefined || isAtHour(when, hours)),
  );
  return era?.prices ?? {};
}

function atSize(price: Price, promptTokens: number): number {
  if (typeof price === 'number') return price;
  return price.tiers.findLast((tier) => promptTokens > tier.above)?.price ?? price.base;
}

function product(factors: readonly string[]): Rates['multiplier'] {
  const numerator = factors.map((factor) => parseUsd(factor)).reduce((a, b) => a * b, 1n);
  return { numerator, denominator: parseUsd('1') ** BigInt(factors.length) };
}
