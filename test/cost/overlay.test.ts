import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../src/cost/catalog.ts';
import { matchModel } from '../../src/cost/match-model.ts';
import { OVERLAY_MODELS, PRICE_RULES } from '../../src/cost/overlay.ts';
import { type CallFacts, type PriceRule, ruleCovers, ruleHolds } from '../../src/cost/price-rule.ts';
import { ratesFor } from '../../src/cost/rates.ts';
import { formatUsd, parseUsd, scaleMoney } from '../../src/model/money.ts';
import type { UsageBucket } from '../../src/model/usage.ts';

const known = new Map(
  [...catalog()].map(([id, { models }]) => [
    id,
    new Set([...models, ...OVERLAY_MODELS.filter(({ provider }) => provider === id)].map((model) => model.id)),
  ]),
);

const describeRule = (rule: PriceRule): string =>
  `${rule.models?.join(', ') ?? 'all'} ${JSON.stringify(rule.when ?? {})}`;

describe.each(PRICE_RULES.map((rule) => [describeRule(rule), rule] as const))('%s', (_, rule) => {
  test('names providers and models of the catalog', () => {
    for (const provider of rule.providers) {
      const models = known.get(provider);
      expect(models, provider).toBeDefined();
      for (const model of rule.models ?? []) expect(models?.has(model), `${provider} ${model}`).toBe(true);
    }
  });

  test('does something, and says where it is from', () => {
    expect(rule.multiplier ?? rule.prices ?? rule.cachedInput).toBeDefined();
    expect(new URL(rule.source).protocol).toBe('https:');
    if (rule.multiplier !== undefined) expect(parseUsd(rule.multiplier)).toBeGreaterThanOrEqual(0n);
  });
});

/** Every value that rules ask for, and none. */
function values(pick: (rule: PriceRule) => readonly string[] | undefined): (string | undefined)[] {
  return [undefined, ...new Set(PRICE_RULES.flatMap((rule) => pick(rule) ?? []))];
}

/** Every value a rule asks for, on both sides of every date. */
function everySituation(): CallFacts[] {
  const days = new Set(PRICE_RULES.flatMap(({ from, until }) => [from, until]).filter((day) => day !== undefined));
  const times = [...days].flatMap((day) => [Date.parse(day) - 1, Date.parse(day), Date.parse(day) + 6.5 * 86_400_000]);
  const situations: CallFacts[] = [];
  for (const time of times)
    for (const serviceTier of values((rule) => rule.when?.serviceTier))
      for (const host of values((rule) => rule.when?.host))
        situations.push({
          when: new Date(time),
          ...(serviceTier !== undefined && { serviceTier }),
          ...(host !== undefined && { host }),
        });
  return situations;
}

test('rules that hold at once never set the same price, so their order does not matter', () => {
  const conflicts: string[] = [];
  for (const facts of everySituation())
    for (const [provider, models] of known)
      for (const model of models) {
        const rules = PRICE_RULES.filter((rule) => ruleCovers(rule, provider, model) && ruleHolds(rule, facts));
        const keys = rules.flatMap((rule) => Object.keys(rule.prices ?? {}));
        if (new Set(keys).size < keys.length) conflicts.push(`${provider} ${model} ${JSON.stringify(facts)}`);
      }
  expect(conflicts).toEqual([]);
});

const reference = path.resolve(import.meta.dirname, '../../../shared/reference/litellm-prices-2026-07-24.json.gz');

/** Prices of the reference that are not those of the provider's page at that time. */
const REFERENCE_ERRORS = new Set([
  'gpt-5.5 priority', // 2.5 times the standard price: https://openai.com/api-priority-processing/
  'gpt-5.5-2026-04-23 priority',
  'gpt-5.4 flex', // cached input rounded to the cent of a dollar on the page
  'gpt-5.4-2026-03-05 flex',
  'gpt-5-nano priority', // the price of gpt-5; no priority is offered
]);

describe.skipIf(!existsSync(reference))('an independent table (skipped where ../shared is absent)', () => {
  const FIELDS: Record<string, UsageBucket> = {
    input_cost_per_token: 'input',
    cache_read_input_token_cost: 'input_cached_tokens',
    output_cost_per_token: 'output',
  };
  const table = existsSync(reference)
    ? (JSON.parse(gunzipSync(readFileSync(reference)).toString()) as Record<string, Record<string, unknown>>)
    : {};
  const rows = Object.entries(table)
    .filter(([, entry]) => entry['litellm_provider'] === 'openai')
    .flatMap(([name, entry]) =>
      (['priority', 'flex'] as const)
        .filter((tier) => typeof entry[`input_cost_per_token_${tier}`] === 'number')
        .map((tier) => ({ name, tier, entry })),
    )
    .filter(({ name, tier }) => !REFERENCE_ERRORS.has(`${name} ${tier}`));

  test('has such rows', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  test.each(rows)('agrees about $name $tier', ({ name, tier, entry }) => {
    const match = matchModel('openai', name);
    expect(match).toBeDefined();
    if (!match) return;
    const rates = ratesFor(match, { when: new Date('2026-07-24T12:00:00Z'), serviceTier: tier, promptTokens: 1000 });
    for (const [field, bucket] of Object.entries(FIELDS)) {
      const theirs = entry[`${field}_${tier}`];
      const rate = rates.tokenRate(bucket);
      if (typeof theirs !== 'number' || !rate) continue;
      const ours = scaleMoney(rate.perMillion, rates.multiplier.numerator, rates.multiplier.denominator * 1_000_000n);
      expect(formatUsd(ours), field).toBe(formatUsd(parseUsd(theirs)));
    }
  });
});
