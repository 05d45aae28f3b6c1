import type { Json, JsonObject } from '../../model/json.ts';
import type { SpanAttributes } from '../../model/span.ts';
import { asArray, asObject, parseJson } from '../../util/json-read.ts';

/**
 * The list that was written as one attribute a value, because attributes had no structure: `prefix.0.role`,
 * `prefix.0.tool_calls.1.name`, ...
 */
export function unflatten(attributes: SpanAttributes, prefix: string): Json[] | undefined {
  const root: JsonObject = Object.create(null) as JsonObject;
  for (const [name, value] of Object.entries(attributes)) {
    if (!name.startsWith(`${prefix}.`)) continue;
    const path = name.slice(prefix.length + 1).split('.');
    const last = path.pop() ?? '';
    const target = path.reduce(child, root);
    target[last] = structured(value);
  }
  return asArray(toLists(root));
}

function child(parent: JsonObject, key: string): JsonObject {
  const known = asObject(parent[key]);
  if (known) return known;
  const created = Object.create(null) as JsonObject;
  parent[key] = created;
  return created;
}

/** Content in several parts is JSON text in one attribute. */
function structured(value: unknown): Json {
  const parts = typeof value === 'string' && value.startsWith('[{') ? asArray(parseJson(value)) : undefined;
  return parts ?? (value as Json);
}

/** An object whose keys are numbers is a list. */
function toLists(value: Json | undefined): Json | undefined {
  const object = asObject(value);
  if (!object) return value;
  const entries = Object.entries(object);
  if (entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key)))
    return entries.map(([, item]) => toLists(item) ?? null);
  return Object.fromEntries(entries.map(([key, item]) => [key, toLists(item)]));
}
