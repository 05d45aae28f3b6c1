/** What is sent in place of a text. */
export type TextRewrite = (text: string, attribute: string) => string;

/** Characters of attribute values in one span: below the size at which a lone span is too big for a request. */
export const MAX_SPAN_CHARACTERS = 3_000_000;
/** Attributes, events and links of one span, resource included. */
const MAX_ENTRIES = 10_000;
/** Characters of the name of a span, an event or a scope, and of a key. */
export const MAX_NAME = 1024;

/** What the values of one span may still take, what was changed to fit, and what is to be made of their texts. */
export interface ValueBudget {
  characters: number;
  entries: number;
  repairs: Set<string>;
  rewrite: TextRewrite | undefined;
}

export function newBudget(rewrite: TextRewrite | undefined): ValueBudget {
  return { characters: MAX_SPAN_CHARACTERS, entries: MAX_ENTRIES, repairs: new Set(), rewrite };
}

/** Deeper than any value somebody reads. */
const MAX_DEPTH = 20;
/** What an item of a list or an object takes besides its text. */
const ITEM_CHARACTERS = 24;
const CUT = '… [cut]';

/** The first so many characters, whole ones, and a marker. */
export function cutText(whole: string, characters: number): string {
  return whole.slice(0, characters).toWellFormed() + CUT;
}

/** Text beside the values, of at most `maximum` characters. Half a surrogate pair is no character: servers reject it. */
export function boundedText(value: unknown, what: string, maximum: number, { repairs }: ValueBudget): string {
  const all = String(value);
  if (all.length <= maximum) return all.toWellFormed();
  repairs.add(what);
  return cutText(all, maximum);
}

/**
 * An OTLP `AnyValue` for whatever an instrumentation put there; `undefined` for `undefined` and `null`, which OTLP has no
 * value for. A value that throws when it is looked at is replaced as well.
 */
export function boundedValue(read: () => unknown, key: string, budget: ValueBudget): object | undefined {
  try {
    return encode(read(), key, budget, new Set());
  } catch {
    return repaired(key, budget, { stringValue: '[unreadable]' });
  }
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
  const { characters } = budget;
  budget.characters = Math.max(0, characters - value.length);
  if (value.length <= characters) return value.toWellFormed();
  budget.repairs.add(key);
  return cutText(value, characters);
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
  if (ArrayBuffer.isView(value)) return repaired(key, budget, { stringValue: `[${value.byteLength} bytes]` });
  inside.add(value);
  const encoded = Array.isArray(value) ? array(value, key, budget, inside) : object(value, key, budget, inside);
  inside.delete(value);
  return encoded;
}

function array(values: readonly unknown[], key: string, budget: ValueBudget, inside: Set<object>): object {
  const encoded: object[] = [];
  for (const item of values) {
    if (!takeItem('', key, budget)) break;
    encoded.push(encode(item, key, budget, inside) ?? { stringValue: 'null' });
  }
  return { arrayValue: { values: encoded } };
}

function object(value: object, key: string, budget: ValueBudget, inside: Set<object>): object {
  const encoded: { key: string; value: object }[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (!takeItem(name, key, budget)) break;
    const itemValue = encode(item, key, budget, inside);
    if (itemValue) encoded.push({ key: boundedText(name, key, MAX_NAME, budget), value: itemValue });
  }
  return { kvlistValue: { values: encoded } };
}

/** Whether there is room for one more item. */
function takeItem(name: string, key: string, budget: ValueBudget): boolean {
  const wanted = name.length + ITEM_CHARACTERS;
  const hasRoom = budget.characters > wanted;
  if (hasRoom) budget.characters -= wanted;
  else budget.repairs.add(key);
  return hasRoom;
}

function repaired(key: string, budget: ValueBudget, value: object): object {
  budget.repairs.add(key);
  return value;
}
