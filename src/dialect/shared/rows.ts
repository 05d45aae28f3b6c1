import type { Json } from '../../model/json.ts';
import type { SpanAttributes } from '../../model/span.ts';
import type { FieldRow, RowOf } from '../../semconv/fields.ts';
import { parseJson } from '../../util/json-read.ts';

/** An attribute whose text is JSON, parsed; `undefined` if it is absent or no JSON. */
export function readJson(attributes: SpanAttributes, name: string): Json | undefined {
  const text = attributes[name];
  return typeof text === 'string' ? parseJson(text) : undefined;
}

/** The value of the first of an attribute's names, current before former, that parses. */
function readRow<Value>(attributes: SpanAttributes, row: FieldRow<string, Value>): Value | undefined {
  for (const name of [row.attribute, ...(row.former ?? [])]) {
    const value = attributes[name] === undefined ? undefined : row.parse(attributes[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The fields of a table that the attributes state. */
export function readRows<T>(attributes: SpanAttributes, rows: readonly RowOf<T>[]): Partial<T> {
  const fields: Partial<T> = {};
  for (const row of rows) {
    const value = readRow<T[keyof T & string]>(attributes, row as FieldRow<string, T[keyof T & string]>);
    if (value !== undefined) fields[row.field] = value;
  }
  return fields;
}

/** Values of the wanted attributes below a prefix, by the rest of their names. */
export function readBelow(
  attributes: SpanAttributes,
  prefix: string,
  isWanted: (name: string) => boolean,
): Record<string, unknown> {
  const names = Object.keys(attributes).filter((name) => name.startsWith(prefix) && isWanted(name));
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), attributes[name]]));
}

/** All names of the fields of a table. */
export function namesIn(rows: readonly { attribute: string; former?: readonly string[] }[]): string[] {
  return rows.flatMap(({ attribute, former = [] }) => [attribute, ...former]);
}
