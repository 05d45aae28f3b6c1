import { readFileSync, statSync } from 'node:fs';
import { asArray, asObject, defined } from '../util/json-read.ts';
import type { Price, PriceSet } from './catalog.ts';
import { entries, Fields } from './json-fields.ts';
import { readLangfuseModel } from './langfuse-model.ts';
import { JsonProblem, type LocatedJson, parseLocated } from './located-json.ts';
import { isUsageBucket, priceKeyOf, USAGE_BUCKETS } from './rates.ts';
import type { Discount, UserModel, UserPrices } from './user-prices.ts';

/** Larger than any list of models. */
const MAX_BYTES = 10_000_000;

/** A price file that cannot be used; the message names the file, the line and what to write instead. */
export class PriceFileError extends Error {
  override readonly name = 'PriceFileError';
}

/** Reads a file of prices, in our format or as Langfuse's API lists model definitions. @throws {PriceFileError} */
export function readPriceFile(file: string): UserPrices {
  let text: string;
  try {
    if (statSync(file).size > MAX_BYTES) throw new RangeError(`it has more than ${MAX_BYTES} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new PriceFileError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return parsePrices(text, file);
}

/**
 * Reads prices from JSON text.
 * @param name how messages call the text
 * @throws {PriceFileError}
 */
export function parsePrices(text: string, name = 'prices'): UserPrices {
  try {
    return readPrices(parseLocated(text));
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    throw new PriceFileError(`${name}, line ${error.line}: ${error.message}`);
  }
}

function readPrices({ value, lineOf }: LocatedJson): UserPrices {
  const root = asObject(value);
  // As Langfuse lists model definitions: a page of its API, or the models of several pages.
  const listed = asArray(value) ?? asArray(root?.data);
  if (listed) return { models: entries(listed, lineOf, readModel), discounts: [] };
  if (!root) throw new JsonProblem('an object with `models` or `discounts`, or a list of models, is expected', 1);
  const fields = new Fields(root, lineOf, 1);
  fields.allow(['models', 'discounts', '$schema']);
  return {
    models: entries(fields.list('models'), lineOf, readModel),
    discounts: entries(fields.list('discounts'), lineOf, readDiscount),
  };
}

function readModel(fields: Fields): UserModel {
  if (fields.has('matchPattern')) return readLangfuseModel(fields);
  fields.allow(['model', 'pattern', 'provider', 'from', 'prices', 'units']);
  const model = fields.text('model')?.toLowerCase() ?? fields.pattern('pattern');
  if (model === undefined) throw fields.problem('`model`, a name, or `pattern`, a regular expression, is missing');
  const prices = { ...tokenPrices(fields.object('prices')), ...unitPrices(fields.object('units')) };
  if (Object.keys(prices).length === 0)
    throw fields.problem('`prices` (USD for a million tokens) or `units` (USD for one) is missing');
  return { model, prices, ...defined({ provider: fields.text('provider'), from: fields.date('from') }) };
}

function tokenPrices(fields: Fields | undefined): PriceSet {
  const prices: Record<string, Price> = {};
  for (const bucket of fields?.names ?? []) {
    if (!isUsageBucket(bucket)) throw fields?.unknown(bucket, USAGE_BUCKETS);
    prices[priceKeyOf(bucket)] = fields?.price(bucket) ?? 0;
  }
  return prices;
}

/** Any unit or tool that a call may report has a name; the price of one is kept under it. */
function unitPrices(fields: Fields | undefined): PriceSet {
  return Object.fromEntries((fields?.names ?? []).map((unit) => [`${unit}_count`, fields?.amount(unit) ?? 0]));
}

function readDiscount(fields: Fields): Discount {
  fields.allow(['provider', 'percent', 'from', 'until']);
  const provider = fields.text('provider');
  const percent = fields.has('percent') ? fields.amount('percent') : undefined;
  if (provider === undefined || percent === undefined) throw fields.problem('`provider` and `percent` are needed');
  if (percent > 100) throw fields.problem('`percent` is more than 100', 'percent');
  // Twelve digits are more than any contract has, and hide what binary fractions add.
  const factor = String(Number(((100 - percent) / 100).toPrecision(12)));
  return { provider, factor, ...defined({ from: fields.date('from'), until: fields.date('until') }) };
}
