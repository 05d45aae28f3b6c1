import { LANGFUSE } from '../langfuse/attributes.ts';
import { type Money, parseUsd, toUsd } from '../model/money.ts';
import { asCount, asNumber, asObject, asString, asStrings, parseJson } from '../util/json-read.ts';
import type { RecordedSpan } from './recorded-span.ts';
import type { TokenTotals, Totals } from './totals.ts';

/** What calls can be summed up by. */
export const DIMENSIONS = ['model', 'user', 'feature', 'session', 'day', 'tag', 'prompt', 'trace'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** What they are summed up by where nothing is asked for. */
export const DEFAULT_DIMENSIONS: readonly Dimension[] = ['model', 'user', 'feature', 'session', 'day'];

/** What one span spent, and on whose account. */
export interface SpentCall {
  /** A call may have several tags. */
  keys: Readonly<Record<Exclude<Dimension, 'tag'>, string | undefined> & { tag: readonly string[] | undefined }>;
  spent: Totals;
}

const CALL_TYPES: ReadonlySet<unknown> = new Set(['generation', 'embedding']);
const FEATURE_TAG = 'feature:';

/** The first group whose pattern a usage key matches has its tokens; a key that matches none is in the total only. */
const TOKEN_GROUPS: readonly [group: keyof TokenTotals, keys: RegExp][] = [
  ['cacheRead', /^input_cached/],
  ['cacheWrite', /^input_cache_creation/],
  ['input', /^input/],
  ['reasoning', /^output_reasoning/],
  ['output', /^output/],
];

/**
 * Reads what a span adds to the bill; `undefined` if nothing. An enclosing span repeats the usage of the calls inside it,
 * but its record is reduced to what is its own: so adding up the last record of each span is right.
 */
export function readSpentCall({ traceId, startTime, attributes }: RecordedSpan): SpentCall | undefined {
  const usage = asObject(parseJson(text(attributes, LANGFUSE.usageDetails)));
  const tokens = tokenTotals(usage ?? {});
  const cost = costOf(attributes);
  const isCall = CALL_TYPES.has(attributes.get(LANGFUSE.type));
  const spentSomething = tokens.total > 0 || (cost ?? 0n) !== 0n;
  if (!spentSomething && (!isCall || usage)) return undefined;
  const failed = attributes.get(LANGFUSE.level) === 'ERROR';
  // A call that failed without usage is not billed.
  const unpriced = cost === undefined && (spentSomething || !failed);
  return {
    keys: {
      model: asString(attributes.get(LANGFUSE.model)),
      user: asString(attributes.get(LANGFUSE.userId) ?? attributes.get('langfuse.user.id')),
      feature: featureOf(attributes),
      session: asString(attributes.get(LANGFUSE.sessionId) ?? attributes.get('langfuse.session.id')),
      day: new Date(startTime).toISOString().slice(0, 10),
      tag: asStrings(attributes.get(LANGFUSE.tags)),
      prompt: asString(attributes.get(LANGFUSE.promptName)),
      trace: traceId,
    },
    spent: { calls: 1, errors: Number(failed), unpriced: Number(unpriced), tokens, cost: cost ?? 0n },
  };
}

function tokenTotals(usage: Readonly<Record<string, unknown>>): TokenTotals {
  const totals: TokenTotals = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, total: 0 };
  for (const [key, value] of Object.entries(usage)) {
    const [group] = TOKEN_GROUPS.find(([, keys]) => keys.test(key)) ?? [];
    if (group) totals[group] += asCount(value) ?? 0;
  }
  const { total: _, ...groups } = totals;
  totals.total = asCount(usage['total']) ?? Object.values(groups).reduce((sum, count) => sum + count, 0);
  return totals;
}

/**
 * The cost that Langfuse shows, to its last digit: a JSON number may not hold what the exact text beside it does. The
 * number decides, because an app may have set its own.
 */
function costOf(attributes: RecordedSpan['attributes']): Money | undefined {
  const shown = asNumber(asObject(parseJson(text(attributes, LANGFUSE.costDetails)))?.['total']);
  if (shown === undefined) return undefined;
  const exact = money(attributes.get(`${LANGFUSE.metadata}cost_usd`));
  return exact !== undefined && toUsd(exact) === shown ? exact : money(shown);
}

function money(value: unknown): Money | undefined {
  try {
    return value === undefined ? undefined : parseUsd(String(value));
  } catch {
    return undefined;
  }
}

function featureOf(attributes: RecordedSpan['attributes']): string | undefined {
  const feature = asString(attributes.get(`${LANGFUSE.traceMetadata}feature`));
  const tag = asStrings(attributes.get(LANGFUSE.tags))?.find((name) => name.startsWith(FEATURE_TAG));
  return feature ?? tag?.slice(FEATURE_TAG.length);
}

function text(attributes: RecordedSpan['attributes'], name: string): string {
  return asString(attributes.get(name)) ?? '';
}
