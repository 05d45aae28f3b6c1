import { isContentEvent } from '../dialect/gen-ai-content.ts';
import type { SpanAttributes, SpanEventView } from '../model/span.ts';
import { asObject, asString } from '../util/json-read.ts';
import type { LogFields, LogsRequest } from './otlp-schema.ts';

/** What was said in a model call, as a log record has it. */
export interface LogEvent {
  /** Of the span it belongs to. */
  traceId: string;
  spanId: string;
  event: SpanEventView;
}

/** The log records of a request that hold content of model calls. Of the others we have no use. */
export function toLogEvents({ resourceLogs = [] }: LogsRequest): LogEvent[] {
  const records = resourceLogs.flatMap(({ scopeLogs = [] }) => scopeLogs.flatMap(({ logRecords = [] }) => logRecords));
  return records.flatMap((record) => toLogEvent(record) ?? []);
}

function toLogEvent(record: LogFields): LogEvent | undefined {
  const { traceId, spanId, attributes = {}, body } = record;
  // Before it was a field of its own, the name was an attribute.
  const name = record.eventName || asString(attributes['event.name']);
  if (!traceId || !spanId || name === undefined || !isContentEvent(name)) return undefined;
  const time = record.timeUnixNano ?? record.observedTimeUnixNano ?? [0, 0];
  return { traceId, spanId, event: { name, time, attributes: { ...attributes, ...contentOf(body) } } };
}

/** Messages used to be the body of the record; they are attributes of an event on a span. */
function contentOf(body: unknown): SpanAttributes {
  return asObject(body) ?? (body === undefined ? {} : { content: body });
}
