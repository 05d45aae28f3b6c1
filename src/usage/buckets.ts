import type { UsageBucket, UsageDetails } from '../model/usage.ts';

/** Counts by bucket. A difference of two may be negative. */
export type Buckets = { readonly [K in UsageBucket]?: number };

type Side = 'input' | 'output';

/** Tokens by side of a call. */
export type Sums = Readonly<Record<Side, number>>;

export const NO_TOKENS: Buckets = {};
export const NO_SUMS: Sums = { input: 0, output: 0 };

export function sumsOf(buckets: Buckets): Sums {
  const sums = { ...NO_SUMS };
  for (const [bucket, count] of entries(buckets)) sums[sideOf(bucket)] += count;
  return sums;
}

export function combine(a: Sums, b: Sums, ofSide: (a: number, b: number) => number): Sums {
  return { input: ofSide(a.input, b.input), output: ofSide(a.output, b.output) };
}

export function isEmpty(buckets: Buckets): boolean {
  return entries(buckets).every(([, count]) => count === 0);
}

export function isEqual(a: Buckets, b: Buckets): boolean {
  return a === b || isEmpty(subtract(a, b));
}

export function add(a: Buckets, b: Buckets): Buckets {
  return combineBuckets(a, b, 1);
}

export function subtract(a: Buckets, b: Buckets): Buckets {
  return combineBuckets(a, b, -1);
}

function combineBuckets(a: Buckets, b: Buckets, sign: 1 | -1): Buckets {
  if (b === NO_TOKENS) return a;
  const result: Writable<Buckets> = Object.fromEntries(entries(a));
  for (const [bucket, count] of entries(b)) result[bucket] = (result[bucket] ?? 0) + sign * count;
  return result;
}

/** What `usage` reports beyond `below`. Side by side, for the two may split a side into buckets differently. */
export function remainder(usage: Buckets, below: Buckets): Buckets {
  if (isEmpty(below)) return usage;
  const beyond: Writable<Buckets> = {};
  for (const [bucket, count] of entries(usage)) {
    const rest = count - (below[bucket] ?? 0);
    if (rest > 0) beyond[bucket] = rest;
  }
  return keep(beyond, combine(sumsOf(usage), sumsOf(below), minus));
}

/** As much of the buckets as makes these sums; the plain bucket of a side, which comes first, gives way first. */
export function keep(buckets: Buckets, sums: Sums): Buckets {
  const excess = { ...combine(sumsOf(buckets), sums, (count, kept) => count - Math.max(0, kept)) };
  if (excess.input <= 0 && excess.output <= 0) return buckets;
  const kept: Writable<Buckets> = {};
  for (const [bucket, count] of entries(buckets)) {
    const side = sideOf(bucket);
    const cut = Math.min(count, Math.max(0, excess[side]));
    excess[side] -= cut;
    if (count > cut) kept[bucket] = count - cut;
  }
  return kept;
}

export function plus(a: number, b: number): number {
  return a + b;
}

export function minus(a: number, b: number): number {
  return a - b;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function sideOf(bucket: UsageBucket): Side {
  return bucket.startsWith('input') ? 'input' : 'output';
}

/** A {@link UsageDetails} has its total, and units that are no tokens, beside the buckets. */
function entries(buckets: Buckets): [UsageBucket, number][] {
  return (Object.entries(buckets) as [keyof UsageDetails, number][]).filter(
    (entry): entry is [UsageBucket, number] => entry[0] !== 'total' && entry[0] !== 'search_units',
  );
}
