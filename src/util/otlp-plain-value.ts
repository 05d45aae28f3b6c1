import { asArray, asNumber, asObject, asObjects, asString } from './json-read.ts';

/**
 * What an `AnyValue` of OTLP JSON stands for. Reads what this package writes: bytes are not among it.
 * @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto
 */
function plainValue(encoded: unknown): unknown {
  const value = asObject(encoded);
  if (!value) return undefined;
  // 64-bit integers are text in OTLP JSON.
  if (value['intValue'] !== undefined) return asNumber(Number(value['intValue']));
  const list = asArray(asObject(value['arrayValue'])?.['values']);
  if (list) return list.map(plainValue);
  const map = asObject(value['kvlistValue']);
  if (map) return Object.fromEntries(plainEntries(map['values']));
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'];
}

/** The attributes in a list of `KeyValue`. */
export function plainEntries(keyValues: unknown): [key: string, value: unknown][] {
  return asObjects(keyValues).map(({ key, value }) => [asString(key) ?? '', plainValue(value)]);
}
