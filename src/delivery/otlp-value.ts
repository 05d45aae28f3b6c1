/** What is sent in place of a text. */
export type TextRewrite = (text: string, attribute: string) => string;

/** What attribute values of one span may still take, what was changed to fit, and what is to be made of their texts. */
export interface ValueBudget {
  characters: number;
  repairs: Set<string>;
  rewrite: TextRewrite | undefined;
}

/** Deeper than any value somebody reads. */
const MAX_DEPTH = 20;
const CUT = '… [cut]';

/**
 * An OTLP `AnyValue` for whatever an instrumentation put there; `undefined` for `undefined` and `null`, which OTLP has no
 * value for.
 */
export function boundedValue(value: unknown, key: string, budget: ValueBudget): object | undefined {
  return encode(value, key, budget, new Set());
}

function encode(value: unknown, key: string, budget: ValueBudget, inside: Set<object>): object | undefined {
  switch (typeof value) {
    case 'string':
      return { stringValue: text(value, key, budget) };
    case 'boolean':
      return { boolValue: value };
    case 'number':
      return number(value, key, budget);
    case 'bigint':
      return bigint(value, key, budget);
    case 'object':
      return value === null ? undefined : structure(value, key, budget, inside);
    case 'undefined':
      return undefined;
    default:
      return repaired(key, budget, { stringValue: `[${typeof value}]` });
  }
}

function text(given: string, key: string, budget: ValueBudget): string {
  // Before it is cut, so that no half of what is to be replaced is left.
  const value = budget.rewrite ? budget.rewrite(given, key) : given;
  if (value.length <= budget.characters) {
    budget.characters -= value.length;
    return wellFormed(value);
  }
  const kept = value.slice(0, budget.characters);
  budget.characters = 0;
  budget.repairs.add(key);
  return wellFormed(kept) + CUT;
}

/** Half a surrogate pair is no character: servers reject it, or the whole request with it. */
export function wellFormed(value: string): string {
  return value.toWellFormed();
}

/** Langfuse takes a zero `intValue` for absent and shows its wrapper; as a double it is 0. */
function number(value: number, key: string, budget: ValueBudget): object {
  if (!Number.isFinite(value)) return repaired(key, budget, { stringValue: String(value) });
  return Number.isSafeInteger(value) && value !== 0 ? { intValue: value } : { doubleValue: value };
}

function bigint(value: bigint, key: string, budget: ValueBudget): object {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber)
    ? number(asNumber, key, budget)
    : repaired(key, budget, { stringValue: value.toString() });
}

function structure(value: object, key: string, budget: ValueBudget, inside: Set<object>): object {
  if (inside.has(value)) return repaired(key, budget, { stringValue: '[circular]' });
  if (inside.size >= MAX_DEPTH) return repaired(key, budget, { stringValue: '[too deep]' });
  if (value instanceof Date)
    return { stringValue: Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString() };
  if (value instanceof Uint8Array) return repaired(key, budget, { stringValue: `[${value.byteLength} bytes]` });
  inside.add(value);
  const encoded = Array.isArray(value) ? array(value, key, budget, inside) : object(value, key, budget, inside);
  inside.delete(value);
  return encoded;
}

function array(values: readonly unknown[], key: string, budget: ValueBudget, inside: Set<object>): object {
  const encoded: object[] = [];
  for (const item of values) {
    if (budget.characters <= 0) break;
    budget.characters--;
    encoded.push(encode(item, key, budget, inside) ?? { stringValue: 'null' });
  }
  if (encoded.length < values.length) budget.repairs.add(key);
  return { arrayValue: { values: encoded } };
}

function object(value: object, key: string, budget: ValueBudget, inside: Set<object>): object {
  const encoded: { key: string; value: object }[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (budget.characters <= 0) {
      budget.repairs.add(key);
      break;
    }
    budget.characters -= name.length + 1;
    const itemValue = encode(item, key, budget, inside);
    if (itemValue) encoded.push({ key: name, value: itemValue });
  }
  return { kvlistValue: { values: encoded } };
}

function repaired(key: string, budget: ValueBudget, value: object): object {
  budget.repairs.add(key);
  return value;
}
