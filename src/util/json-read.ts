import type { Json, JsonObject } from '../model/json.ts';

/** Narrowing getters for data we do not control: a value of the wrong type reads as `undefined`. */

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

export function asArray(value: unknown): Json[] | undefined {
  return Array.isArray(value) ? (value as Json[]) : undefined;
}

/** The objects of an array; anything else in it is skipped. */
export function asObjects(value: unknown): JsonObject[] {
  return (asArray(value) ?? []).map(asObject).filter((item) => item !== undefined);
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A token count: a non-negative safe integer. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

export function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** The strings of an array, or the one string given alone. */
export function asStrings(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  const strings = asArray(value)?.filter((item) => typeof item === 'string');
  return strings?.length ? strings : undefined;
}

/** Parses JSON text; `undefined` if it is not JSON. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without its `undefined` values: optional fields are absent, never present and undefined. */
export function defined<T extends object>(object: T): Defined<T> {
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(object)) {
    const value = object[key as keyof T];
    if (value !== undefined) result[key] = value;
  }
  return result as Defined<T>;
}
