import { asObject, asObjects, asString, parseJson } from '../util/json-read.ts';
import { plainEntries } from '../util/otlp-plain-value.ts';

/** What a report needs of a spooled span, in plain values. */
export interface RecordedSpan {
  /** The same in every record of the span. */
  id: string;
  traceId: string;
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
  const traceId = asString(span['traceId']) ?? '';
  const id = `${traceId} ${asString(span['spanId'])}`;
  return { id, traceId, startTime, attributes: new Map(plainEntries(span['attributes'])) };
}
