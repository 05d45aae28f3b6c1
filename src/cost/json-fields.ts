import type { Json, JsonObject } from '../model/json.ts';
import { asArray, asObject } from '../util/json-read.ts';
import { nearest } from '../util/nearest.ts';
import type { Price } from './catalog.ts';
import { JsonProblem, type LocatedJson } from './located-json.ts';

type LineOf = LocatedJson['lineOf'];

/** Reads every entry of a list. @throws {JsonProblem} at one that is no object. */
export function entries<T>(list: Json[], lineOf: LineOf, read: (fields: Fields) => T): T[] {
  return list.map((entry, index) => {
    const line = lineOf(list, index);
    const object = asObject(entry);
    if (!object) throw new JsonProblem('an object is expected', line);
    return read(new Fields(object, lineOf, line));
  });
}

/** The fields of an object in the file; what is wrong with one is said with its line. */
export class Fields {
  readonly #object: JsonObject;
  readonly #lineOf: LineOf;
  readonly #line: number;

  constructor(object: JsonObject, lineOf: LineOf, line: number) {
    this.#object = object;
    this.#lineOf = lineOf;
    this.#line = line;
  }

  get names(): string[] {
    return Object.keys(this.#object);
  }

  /** Whether there is such a field with a value. */
  has(name: string): boolean {
    return (this.#object[name] ?? null) !== null;
  }

  allow(names: readonly string[]): void {
    for (const name of this.names) if (!names.includes(name)) throw this.unknown(name, names);
  }

  unknown(name: string, known: readonly string[]): JsonProblem {
    const meant = nearest(name, known);
    return this.problem(
      `\`${name}\` is not known: ${meant ? `did you mean \`${meant}\`?` : `write some of ${known.join(', ')}`}`,
      name,
    );
  }

  text(name: string): string | undefined {
    return this.#read(name, 'a text', (value) =>
      typeof value === 'string' && value.trim() ? value.trim() : undefined,
    );
  }

  date(name: string): Date | undefined {
    return this.#read(name, 'a day such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z', (value) => {
      const date = new Date(typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? value : Number.NaN);
      return Number.isNaN(date.getTime()) ? undefined : date;
    });
  }

  /** A regular expression; `(?i)` before it ignores case, as in Langfuse. */
  pattern(name: string): RegExp | undefined {
    return this.#read(name, 'a regular expression', (value) => {
      const match = typeof value === 'string' ? /^(\(\?i\))?(.+)$/s.exec(value) : null;
      try {
        return match ? new RegExp(match[2] ?? '', match[1] ? 'i' : '') : undefined;
      } catch {
        return undefined;
      }
    });
  }

  amount(name: string): number {
    return this.#read(name, 'an amount of 0 or more', asAmount) ?? 0;
  }

  price(name: string): Price {
    const isPrice = 'an amount of 0 or more, or { "base": 3, "tiers": [{ "above": 200000, "price": 6 }] }';
    return this.#read(name, isPrice, (value) => asAmount(value) ?? asTiers(value)) ?? 0;
  }

  isObject(name: string): boolean {
    return asObject(this.#object[name]) !== undefined;
  }

  object(name: string): Fields | undefined {
    const object = this.#read(name, 'an object', asObject);
    return object && new Fields(object, this.#lineOf, this.#lineOf(this.#object, name));
  }

  list(name: string): Json[] {
    return this.#read(name, 'a list', asArray) ?? [];
  }

  objects(name: string): Fields[] {
    return entries(this.list(name), this.#lineOf, (fields) => fields);
  }

  problem(message: string, name?: string): JsonProblem {
    return new JsonProblem(message, name === undefined ? this.#line : this.#lineOf(this.#object, name));
  }

  #read<T>(name: string, expected: string, parse: (value: Json) => T | undefined): T | undefined {
    const value = this.#object[name] ?? null;
    if (value === null) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) throw this.problem(`\`${name}\` is not ${expected}`, name);
    return parsed;
  }
}

function asAmount(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function asTiers(value: Json): Price | undefined {
  const object = asObject(value);
  const base = asAmount(object?.base);
  const tiers = (asArray(object?.tiers) ?? []).map((tier) => {
    const { above, price } = asObject(tier) ?? {};
    return { above: asAmount(above), price: asAmount(price) };
  });
  const isWhole = tiers.every(({ above, price }) => above !== undefined && price !== undefined);
  if (base === undefined || tiers.length === 0 || !isWhole) return undefined;
  const sorted = tiers.map(({ above = 0, price = 0 }) => ({ above, price })).toSorted((a, b) => a.above - b.above);
  return { base, tiers: sorted };
}
