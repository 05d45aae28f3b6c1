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
  /** First day it holds, UTC: `2025-06-10`. */
  from?: string | undefined;
  /** First day it no longer holds, UTC. */
  until?: string;
  when?: RuleConditions;
  /** Exact decimal factor on every price per token (not on fees per call): `0.5`. */
  multiplier?: string;
  /** Prices in place of the catalog's. Two rules that may hold at once never set the same price. */
  prices?: PriceSet;
  /** Where it is documented. */
  source: string;
}

interface RuleConditions {
  /** The tier that served the call, not the one asked for. */
  serviceTier?: readonly string[];
  inferenceGeo?: readonly string[];
  speed?: readonly string[];
  /** Hosts the call was sent to. */
  host?: readonly string[];
  /** Days of the week, 0 is Sunday, in a time zone that is this many hours ahead of UTC. */
  weekdays?: { days: readonly number[]; utcOffset: number };
  /** From the first to before the second time of day, `HH:MM` UTC; may pass midnight. */
  hours?: readonly [start: string, end: string];
}

/** What the conditions of a rule are compared with. */
export interface CallFacts {
  when: Date;
  serviceTier?: string;
  inferenceGeo?: string;
  speed?: string;
  host?: string;
}

export function ruleCovers(rule: PriceRule, provider: string, model: string): boolean {
  return rule.providers.includes(provider) && (rule.models?.includes(model) ?? true);
}

export function ruleHolds(rule: PriceRule, facts: CallFacts): boolean {
  const { serviceTier, inferenceGeo, speed, host, weekdays, hours } = rule.when ?? {};
  return (
    (rule.from === undefined || facts.when >= new Date(rule.from)) &&
    (rule.until === undefined || facts.when < new Date(rule.until)) &&
    isOneOf(facts.serviceTier, serviceTier) &&
    isOneOf(facts.inferenceGeo, inferenceGeo) &&
    isOneOf(facts.speed, speed) &&
    isOneOf(facts.host, host) &&
    (weekdays === undefined || isOnDay(facts.when, weekdays)) &&
    (hours === undefined || isAtHour(facts.when, hours))
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
