import { isWithin, type TimeRange } from './time-range.ts';
import { readRecordedSpan } from './recorded-span.ts';
import { type Dimension, readSpentCall } from './spent-call.ts';
import { addTotals, noTotals, type Totals } from './totals.ts';

export interface Group extends Totals {
  /** `undefined`: the calls that do not say. */
  key: string | undefined;
}

/** What the calls came to. The groups of each dimension add up to `total`. */
export interface Report {
  total: Totals;
  /** Most expensive first; days in their order. */
  by: Partial<Record<Dimension, readonly Group[]>>;
  /** First and last day with calls, in UTC. */
  days?: { first: string; last: string };
  /** Records that are no OTLP JSON. */
  unreadable: number;
}

/** Sums up spool records by each of the dimensions, one record at a time: memory grows with the groups only. */
export async function aggregate(
  records: AsyncIterable<string> | Iterable<string>,
  dimensions: readonly Dimension[],
  range: TimeRange = {},
): Promise<Report> {
  const total = noTotals();
  const groups = dimensions.map((dimension) => [dimension, new Map<string | undefined, Group>()] as const);
  let days: Report['days'];
  let unreadable = 0;
  for await (const record of records) {
    const span = readRecordedSpan(record);
    if (!span) {
      unreadable++;
      continue;
    }
    const call = isWithin(range, span.startTime) ? readSpentCall(span) : undefined;
    if (!call) continue;
    const { keys, spent } = call;
    addTotals(total, spent);
    for (const [dimension, byKey] of groups) addTotals(groupOf(byKey, keys[dimension]), spent);
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
