import { type CatalogModel, catalog, catalogVersion, type PriceSet } from './catalog.ts';
import { matchModel } from './match-model.ts';
import { OVERLAY_MODELS, PRICE_RULES } from './overlay.ts';
import { type PriceRule, ruleCovers, ruleHolds } from './price-rule.ts';
import { eraAt } from './rates.ts';

/** A price that applies to calls of no special kind. */
interface ListedPrice {
  /** What is billed: `input`, `cache read`, `web searches`, ... */
  item: string;
  /** What the price is for: `a million tokens`, `a thousand`, `each`, ... */
  per: string;
  usd: number;
  /** Tokens that the whole prompt must exceed. */
  above?: number;
}

/** A rule that changes prices for some calls. */
export interface ListedRule {
  /** The calls it is for: `serviceTier flex, batch`. */
  when: string;
  /** `× 0.5`, or the prices it sets. */
  effect: string;
  source: string;
}

export interface ListedModel {
  provider: string;
  model: string;
  /** No prices: the model is free. */
  prices: ListedPrice[];
  /** When these prices began to hold, where it is known: in ISO 8601. */
  since?: string;
  /** UTC hours of the day for which they hold, where they change. */
  hours?: readonly [start: string, end: string];
  rules: ListedRule[];
  source: string;
}

/** What applies at a time to the models that a name may mean, or to all. */
export function listPrices({
  model,
  provider,
  when = new Date(),
}: { model?: string; provider?: string; when?: Date } = {}): ListedModel[] {
  const providers = provider === undefined ? [...catalog().keys()] : [provider];
  const found = new Map<string, [provider: string, model: CatalogModel]>();
  for (const id of providers)
    for (const one of model === undefined ? modelsOf(id) : [matchModel(id, model)])
      if (one) found.set(`${one.provider} ${one.model.id}`, [one.provider, one.model]);
  return [...found.values()].map(([id, one]) => listModel(id, one, when));
}

function modelsOf(provider: string): { provider: string; model: CatalogModel }[] {
  const ours = OVERLAY_MODELS.filter((model) => model.provider === provider);
  const replaced = new Set(ours.map(({ id }) => id));
  const theirs = (catalog().get(provider)?.models ?? []).filter(({ id }) => !replaced.has(id));
  return [...ours, ...theirs].map((model) => ({ provider, model }));
}

function listModel(provider: string, model: CatalogModel, when: Date): ListedModel {
  const era = eraAt(model, when);
  const isFree = Object.keys(era?.prices ?? {}).length === 0;
  const covering = isFree ? [] : PRICE_RULES.filter((rule) => ruleCovers(rule, provider, model.id));
  const always = covering.filter((rule) => isForAllCalls(rule) && ruleHolds(rule, { when }));
  const since = [era?.from, ...always.map((rule) => rule.from)]
    .filter((day) => day !== undefined)
    .toSorted()
    .at(-1);
  const overlaid = OVERLAY_MODELS.find((one) => one === model);
  const sources = [
    overlaid?.source ?? catalogVersion(provider),
    ...always.filter((rule) => rule.prices).map((rule) => rule.source),
  ];
  return {
    provider,
    model: model.id,
    prices: toPrices(Object.assign({}, era?.prices, ...always.map((rule) => rule.prices))),
    ...(since !== undefined && { since }),
    ...(era?.hours && { hours: era.hours }),
    rules: covering.filter((rule) => !always.includes(rule) && isNow(rule, when)).map(toRule),
    source: [...new Set(sources)].join(', '),
  };
}

function isForAllCalls({ when, multiplier, cachedInput }: PriceRule): boolean {
  return when === undefined && multiplier === undefined && cachedInput === undefined;
}

function isNow({ from, until }: PriceRule, when: Date): boolean {
  return (from === undefined || when >= new Date(from)) && (until === undefined || when < new Date(until));
}

function toPrices(prices: PriceSet): ListedPrice[] {
  return Object.entries(prices).flatMap(([key, price]) => {
    const named = nameOf(key);
    if (typeof price === 'number') return [{ ...named, usd: price }];
    const tiers = price.tiers.map(({ above, price: usd }) => ({ ...named, usd, above }));
    return [{ ...named, usd: price.base }, ...tiers];
  });
}

/** By the endings of price keys. */
const UNITS: readonly (readonly [ending: string, per: string])[] = [
  ['_mtok', 'a million tokens'],
  ['_kcount', 'a thousand'],
  ['_kpages', 'a thousand pages'],
  ['_hours', 'an hour'],
  ['_count', 'each'],
];

function nameOf(key: string): { item: string; per: string } {
  const [ending, per] = UNITS.find(([end]) => key.endsWith(end)) ?? ['', 'each'];
  return { item: key.slice(0, key.length - ending.length).replaceAll('_', ' '), per };
}

/** A rule in words, for people. */
export function toRule({ when = {}, multiplier, prices, cachedInput, source }: PriceRule): ListedRule {
  const { weekdays, ...named } = when;
  const conditions = Object.entries(named).map(([fact, values]) => `${fact} ${values.join(', ')}`);
  if (weekdays) conditions.push(`weekdays ${weekdays.days.join(', ')} (UTC+${weekdays.utcOffset})`);
  const effects = [
    ...(multiplier === undefined ? [] : [`× ${multiplier}`]),
    ...(cachedInput === undefined ? [] : [`cached input at ${cachedInput} of input`]),
    ...toPrices(prices ?? {}).map(
      ({ item, per, usd, above }) => `${item} ${usd} ${per}${above ? ` above ${above}` : ''}`,
    ),
  ];
  return { when: conditions.join('; ') || 'always', effect: effects.join(', '), source };
}
