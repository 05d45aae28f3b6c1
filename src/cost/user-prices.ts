import type { PriceSet } from './catalog.ts';
import { type MatchedModel, matchModel, spellingsOf } from './match-model.ts';
import { findProvider } from './provider.ts';

/** Prices of the user for a model, in place of those of the catalog. */
export interface UserModel {
  /** Lower case name, or a pattern for names. */
  model: string | RegExp;
  /** Of the catalog, or any other name; absent: whoever serves it. */
  provider?: string;
  /** Hold from then on. */
  from?: Date;
  prices: PriceSet;
}

/** What a provider takes off everything it bills. */
export interface Discount {
  provider: string;
  /** Exact decimal factor on the bill: `0.85`. */
  factor: string;
  from?: Date;
  until?: Date;
}

/** What `OTEL_LANGFUSE_PRICES` or the option `prices` says. */
export interface UserPrices {
  models: readonly UserModel[];
  discounts: readonly Discount[];
}

/**
 * The model with the prices that apply to it: those of the user where there are some. What the provider multiplies its
 * prices by (batch, regions) also multiplies those of the user.
 */
export function matchPriced(
  prices: UserPrices | undefined,
  provider: string | undefined,
  name: string,
  when: Date,
): MatchedModel | undefined {
  const known = matchModel(provider, name);
  const given = prices && findUserModel(prices, { provider, name, known }, when);
  if (!given) return known;
  const { provider: by = provider ?? 'user' } = given;
  const model = { id: name, names: [], eras: [{ prices: given.prices }] };
  return {
    ...(known ? { provider: known.provider, model: known.model } : { provider: by, model }),
    overrides: given.prices,
  };
}

interface Wanted {
  provider: string | undefined;
  name: string;
  known: MatchedModel | undefined;
}

/** The latest that holds; of those that begin at once, the first in the list. */
function findUserModel({ models }: UserPrices, { provider, name, known }: Wanted, when: Date): UserModel | undefined {
  const names = new Set([...spellingsOf(name), known?.model.id.toLowerCase()]);
  const holding = models.filter(
    ({ model, provider: by, from }) =>
      (from === undefined || when >= from) &&
      (by === undefined || (provider !== undefined && isSame(by, provider))) &&
      (typeof model === 'string' ? names.has(model) : model.test(name)),
  );
  return holding.toSorted((a, b) => (b.from?.getTime() ?? 0) - (a.from?.getTime() ?? 0))[0];
}

/** The factor of the discount that a provider gives at a time, if it gives one. */
export function discountOf(prices: UserPrices | undefined, provider: string, when: Date): string | undefined {
  return prices?.discounts.find(
    ({ provider: by, from, until }) =>
      isSame(by, provider) && (from === undefined || when >= from) && (until === undefined || when < until),
  )?.factor;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => findProvider(name) ?? name.trim().toLowerCase());
  return a === b;
}
