import type { UsageBucket } from '../model/usage.ts';
import { defined } from '../util/json-read.ts';
import type { Price, PriceSet } from './catalog.ts';
import type { Fields } from './json-fields.ts';
import { isUsageBucket, priceKeyOf } from './rates.ts';
import type { UserModel } from './user-prices.ts';

/** Names that Langfuse's own and its users' definitions give to usage, besides ours. */
const USAGE_TYPES: Readonly<Record<string, readonly UsageBucket[]>> = {
  total: ['input', 'output'],
  input_tokens: ['input'],
  prompt_tokens: ['input'],
  output_tokens: ['output'],
  completion_tokens: ['output'],
  input_cache_read: ['input_cached_tokens'],
  input_cached: ['input_cached_tokens'],
  cache_read_input_tokens: ['input_cached_tokens'],
  input_cached_text_tokens: ['input_cached_tokens'],
  cache_creation_input_tokens: ['input_cache_creation'],
  input_cache_write: ['input_cache_creation'],
  input_cache_creation_5m: ['input_cache_creation'],
  input_audio: ['input_audio_tokens'],
  input_image: ['input_image_tokens'],
  output_audio: ['output_audio_tokens'],
  output_image: ['output_image_tokens'],
  output_reasoning: ['output_reasoning_tokens'],
};

/** What one of another unit is counted in, and how many of those it is. */
const UNITS: Readonly<Record<string, readonly [unit: string, ofThem: number]>> = {
  CHARACTERS: ['characters', 1],
  SECONDS: ['seconds', 1],
  MILLISECONDS: ['seconds', 1000],
  IMAGES: ['images', 1],
  REQUESTS: ['requests', 1],
};

/**
 * A model definition as Langfuse's API gives it: `matchPattern`, `startDate`, `unit`, prices of one unit and tiers.
 * @see https://api.reference.langfuse.com/#tag/models
 */
export function readLangfuseModel(fields: Fields): UserModel {
  const model = fields.pattern('matchPattern');
  const unit = fields.text('unit') ?? 'TOKENS';
  if (!model) throw fields.problem('`matchPattern` is missing');
  if (unit !== 'TOKENS' && !UNITS[unit])
    throw fields.problem(`\`unit\` is none of TOKENS, ${Object.keys(UNITS).join(', ')}`, 'unit');
  const perUnit = readPrices(fields);
  const prices = unit === 'TOKENS' ? tokenPrices(perUnit, readTiers(fields)) : otherPrices(unit, perUnit);
  return { model, prices, ...defined({ from: fields.date('startDate') }) };
}

type Amounts = Map<string, number>;

/** `prices` if there are some, else the three fields that went before it. */
function readPrices(fields: Fields): Amounts {
  const prices = amountsOf(fields.object('prices'));
  if (prices.size > 0) return prices;
  return new Map(
    [
      ['input', 'inputPrice'],
      ['output', 'outputPrice'],
      ['total', 'totalPrice'],
    ].flatMap(([usage = '', field = '']): [string, number][] =>
      fields.has(field) ? [[usage, fields.amount(field)]] : [],
    ),
  );
}

/** Prices are numbers, or objects with the number as `price`. */
function amountsOf(fields: Fields | undefined): Amounts {
  const amounts: Amounts = new Map();
  for (const name of fields?.names ?? []) {
    const amount = fields?.isObject(name) ? fields.object(name)?.amount('price') : fields?.amount(name);
    amounts.set(name, amount ?? 0);
  }
  return amounts;
}

interface Tier {
  above: number;
  prices: Amounts;
}

/** The tiers that go by the size of the prompt; the default tier is what `prices` says. */
function readTiers(fields: Fields): Tier[] {
  return fields.objects('pricingTiers').flatMap((tier): Tier[] => {
    const conditions = tier.objects('conditions');
    const [condition] = conditions;
    if (!condition) return [];
    const operator = condition.text('operator');
    const isBySize = conditions.length === 1 && /input/.test(condition.text('usageDetailPattern') ?? '');
    if (!isBySize || (operator !== 'gt' && operator !== 'gte'))
      throw tier.problem('only tiers by the tokens of the input (`gt`, `gte`) can be used', 'conditions');
    const value = condition.amount('value');
    return [{ above: operator === 'gt' ? value : value - 1, prices: amountsOf(tier.object('prices')) }];
  });
}

function tokenPrices(base: Amounts, tiers: readonly Tier[]): PriceSet {
  const prices: Record<string, Price> = {};
  for (const [usage, amount] of base)
    for (const bucket of bucketsOf(usage)) {
      const steps = tiers
        .flatMap(({ above, prices: at }) => {
          const price = at.get(usage);
          return price === undefined ? [] : [{ above, price: perMillion(price) }];
        })
        .toSorted((a, b) => a.above - b.above);
      const flat = perMillion(amount);
      prices[priceKeyOf(bucket)] = steps.length > 0 ? { base: flat, tiers: steps } : flat;
    }
  return prices;
}

/** Usage types of the user's own are not what we report, so their prices do not matter here. */
function bucketsOf(usage: string): readonly UsageBucket[] {
  return isUsageBucket(usage) ? [usage] : (USAGE_TYPES[usage] ?? []);
}

/** Twelve digits are more than any price has, and hide what binary fractions add. */
function perMillion(price: number): number {
  return Number((price * 1e6).toPrecision(12));
}

function otherPrices(langfuseUnit: string, base: Amounts): PriceSet {
  const [unit = '', ofThem = 1] = UNITS[langfuseUnit] ?? [];
  const price = base.get('input') ?? base.get('total') ?? base.get('output');
  return price === undefined ? {} : { [`${unit}_count`]: Number((price * ofThem).toPrecision(12)) };
}
