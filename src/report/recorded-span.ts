import { asArray, asNumber, asObject, asObjects, asString, parseJson } from '../util/json-read.ts';

/** What a report needs of a spooled span, in plain values. */
export interface RecordedSpan {
  /** Milliseconds since the epoch. */
  startTime: number;
  attributes: ReadonlyMap<string, unknown>;
}

/** Reads a spool record, OTLP JSON with one span; `undefined` if it is something else. */
export function readRecordedSpan(record: string): RecordedSpan | undefined {
  const [scope] = asObjects(asObject(parseJson(record))?.['scopeSpans']);
  const [span] = asObjects(scope?.['spans']);
  const startTime = Number(asString(span?.['startTimeUnixNano']) ?? Number.NaN) / 1e6;
  if (!span || !Number.isFinite(startTime)) return undefined;
  const entries = asObjects(span['attributes']).map(({ key, value }): [string, unknown] => [
    asString(key) ?? '',
    plainValue(value),
  ]);
  return { startTime, attributes: new Map(entries) };
}

/** @see https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/common/v1/common.proto */
function plainValue(encoded: unknown): unknown {
  const value = asObject(encoded);
  if (!value) return undefined;
  // 64-bit integers are text in OTLP JSON.
  if (value['intValue'] !== undefined) return asNumber(Number(value['intValue']));
  const list = asArray(asObject(value['arrayValue'])?.['values']);
  if (list) return list.map(plainValue);
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'];
}
