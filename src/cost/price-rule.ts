import type { PriceSet } from './catalog.ts';

/**
 * One thing a provider bills that the catalog cannot express, as data. A rule applies where all its conditions hold;
 * the multipliers of all rules that apply are multiplied, so the order of rules never matters.
 */
export interface PriceRule {
  /** Catalog providers, of the price that applies. */
  providers: readonly string[];
  /** Catalog ids of the models; absent: all of the provider's. */
  models?: readonly string[];
  /** When it begins to hold: a day, from 0:00 UTC, or a time. */
  from?: string | undefined;
  /** When it no longer holds. */
  until?: string;
  when?: RuleConditions;
  /** Exact decimal factor on every price per token (not on fees per call): `0.5`. */
  multiplier?: string;
  /** Prices in place of the catalog's. Two rules that may hold at once never set the same price. */
  prices?: PriceSet;
  /** Decimal share of the input price that cached input costs, for models without a price for it. */
  cachedInput?: string;
  /** What a cost says to which it applied. */
  note?: string;
  /** Where it is documented. */
  source: string;
}

/** What is known of a call by a name; a rule lists the names it is for. */
interface NamedFacts {
  /** The tier that served the call, not the one asked for. */
  serviceTier?: string;
  inferenceGeo?: string;
  speed?: string;
  /** The host the call was sent to. */
  host?: string;
  /** How much a search engine reads for the answer: `low`, `medium`, `high`. */
  searchContext?: string;
  /** Of an image that was asked for: `1024x1024`. */
  imageSize?: string;
  imageQuality?: string;
}

const NAMED_FACTS: readonly (keyof NamedFacts)[] = [
  'serviceTier',
  'inferenceGeo',
  'speed',
  'host',
  'searchContext',
  'imageSize',
  'imageQuality',
];

/** The names are lower case. */
type RuleConditions = { [Fact in keyof NamedFacts]?: readonly string[] } & {
  /** Days of the week, 0 is Sunday, in a time zone that is this many hours ahead of UTC. */
  weekdays?: { days: readonly number[]; utcOffset: number };
};

/** What the conditions of a rule are compared with. */
export interface CallFacts extends NamedFacts {
  when: Date;
}

export function ruleCovers(rule: PriceRule, provider: string, model: string): boolean {
  return rule.providers.includes(provider) && (rule.models?.includes(model) ?? true);
}

export function ruleHolds(rule: PriceRule, facts: CallFacts): boolean {
  const { weekdays, ...named } = rule.when ?? {};
  return (
    (rule.from === undefined || facts.when >= new Date(rule.from)) &&
    (rule.until === undefined || facts.when < new Date(rule.until)) &&
    NAMED_FACTS.every((fact) => isOneOf(facts[fact], named[fact])) &&
    (weekdays === undefined || isOnDay(facts.when, weekdays))
  );
}

function isOneOf(value: string | undefined, allowed: readonly string[] | undefined): boolean {
  return allowed === undefined || (value !== undefined && allowed.includes(value.toLowerCase()));
}

function isOnDay(when: Date, { days, utcOffset }: { days: readonly number[]; utcOffset: number }): boolean {
  return days.includes(new Date(when.getTime() + utcOffset * 3_600_000).getUTCDay());
}

/** Whether a time of day lies in a window: at or after its start, before its end. */
export function isAtHour(when: Date, [start, end]: readonly [start: string, end: string]): boolean {
  const time = when.toISOString().slice(11, 16);
  return start <= end ? time >= start && time < end : time >= start || time < end;
}
