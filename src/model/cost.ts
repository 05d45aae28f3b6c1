import type { Problem } from './problem.ts';
import type { Money } from './money.ts';
import type { UsageBucket } from './usage.ts';

/** One line of a bill. */
export interface CostPart {
  /** The usage bucket, the fee (`web_search_requests`, ...), or `billed`: all of it, as the provider states it. */
  item: UsageBucket | (string & Record<never, never>);
  /** The model whose price applied. */
  model: string;
  quantity: number;
  /** Price of one unit after every multiplier. */
  unitPrice: Money;
  amount: Money;
}

/** The exact cost of a call and where it comes from. */
export interface Cost {
  total: Money;
  /** Exact sums by usage bucket or fee; they add up to `total`. */
  details: Record<string, Money>;
  parts: CostPart[];
  /**
   * `provider`: money the response states. `catalog`: our price table. `user`: prices the user gave. `instrumentation`:
   * what whoever made the span reckons.
   */
  source: 'provider' | 'catalog' | 'user' | 'instrumentation';
  /** Version of the price table, e.g. `genai-prices 0.1.8`. */
  catalogVersion?: string;
  /** What was taken for granted, e.g. `standard tier: none reported`. */
  assumptions: string[];
}

export type Pricing = { cost: Cost } | { unpriced: Problem };
