import { formatUsd, type Money } from '../model/money.ts';

/** Disjoint groups of the usage buckets: together they are `total`, unless an app reports buckets of its own. */
export interface TokenTotals {
  /** Fresh input of every modality. */
  input: number;
  cacheRead: number;
  cacheWrite: number;
  /** What is visible of the answers, of every modality. */
  output: number;
  reasoning: number;
  total: number;
}

/** What a number of calls came to. */
export interface Totals {
  calls: number;
  /** Calls that failed; they are among `calls`. */
  errors: number;
  /** Calls whose cost is not known: no price for the model, or no usage reported. `cost` is without them. */
  unpriced: number;
  tokens: TokenTotals;
  cost: Money;
}

export function noTotals(): Totals {
  const tokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, total: 0 };
  return { calls: 0, errors: 0, unpriced: 0, tokens, cost: 0n };
}

/** Adds `more` to `sum` in place. */
export function addTotals(sum: Totals, more: Totals): void {
  sum.calls += more.calls;
  sum.errors += more.errors;
  sum.unpriced += more.unpriced;
  for (const name of Object.keys(sum.tokens) as (keyof TokenTotals)[]) sum.tokens[name] += more.tokens[name];
  sum.cost += more.cost;
}

/** Totals for other programs: the cost is exact decimal text, because a JSON number may not hold it. */
export interface TotalsJson extends Omit<Totals, 'cost'> {
  costUsd: string;
}

export function totalsJson({ cost, ...counts }: Totals): TotalsJson {
  return { ...counts, costUsd: formatUsd(cost) };
}
