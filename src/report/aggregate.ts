import { isWithin, type TimeRange } from './time-range.ts';
import { readRecordedSpan } from './recorded-span.ts';
import { type Dimension, readSpentCall, type SpentCall } from './spent-call.ts';
import { addTotals, noTotals, type Totals } from './totals.ts';

export interface Group extends Totals {
  /** `undefined`: the calls that do not say. */
  key: string | undefined;
}

/** What the calls came to. The groups of each dimension add up to `total`; a call is in the groups of all its tags. */
export interface Report {
  total: Totals;
  /** Most expensive first; days in their order. */
  by: Partial<Record<Dimension, readonly Group[]>>;
  /** First and last day with calls, in UTC. */
  days?: { first: string; last: string };
  /** Records that are no OTLP JSON. */
  unreadable: number;
}

/**
 * Sums up spool records by each of the dimensions. A span may be there more than once, for it is sent again when what is
 * its own is known better: its last record holds. So memory grows with the calls, some 500 bytes each.
 */
export async function aggregate(
  records: AsyncIterable<string> | Iterable<string>,
  dimensions: readonly Dimension[],
  range: TimeRange = {},
): Promise<Report> {
  const calls = new Map<string, SpentCall>();
  let unreadable = 0;
  for await (const record of records) {
    const span = readRecordedSpan(record);
    if (!span) {
      unreadable++;
      continue;
    }
    const call = isWithin(range, span.startTime) ? readSpentCall(span) : undefined;
    if (call) calls.set(span.id, call);
    else calls.delete(span.id);
  }
  const total = noTotals();
  const groups = dimensions.map((dimension) => [dimension, new Map<string | undefined, Group>()] as const);
  let days: Report['days'];
  for (const { keys, spent } of calls.values()) {
    addTotals(total, spent);
    for (const [dimension, byKey] of groups) {
      for (const key of new Set([keys[dimension]].flat())) addTotals(groupOf(byKey, key), spent);
    }
    days = extended(days, keys.day ?? '');
  }
  const by = groups.map(([dimension, byKey]) => [dimension, sorted(dimension, [...byKey.values()])]);
  return { total, by: Object.fromEntries(by), unreadable, ...(days && { days }) };
}

function groupOf(groups: Map<string | undefined, Group>, key: string | undefined): Group {
  const known = groups.get(key);
  if (known) return known;
  const group = { key, ...noTotals() };
  groups.set(key, group);
  return group;
}

function extended(days: Report['days'], day: string): Report['days'] {
  if (!days) return { first: day, last: day };
  return { first: day < days.first ? day : days.first, last: day > days.last ? day : days.last };
}

function sorted(dimension: Dimension, groups: Group[]): Group[] {
  const byKey = (a: Group, b: Group): number => ((a.key ?? '') < (b.key ?? '') ? -1 : 1);
  if (dimension === 'day') return groups.sort(byKey);
  return groups.sort((a, b) => {
    if (a.cost !== b.cost) return a.cost > b.cost ? -1 : 1;
    return b.tokens.total - a.tokens.total || byKey(a, b);
  });
}
