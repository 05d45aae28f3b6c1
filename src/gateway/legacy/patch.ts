import { LANGFUSE } from '../../langfuse/attributes.ts';
import type { JsonObject } from '../../model/json.ts';
import type { HrTime, SpanAttributes } from '../../model/span.ts';
import { asArray, asBoolean, asNumber, asObject, asString, asStrings, defined } from '../../util/json-read.ts';
import type { SdkEvent } from './event.ts';
import { toSpanId, toTraceId } from './ids.ts';
import { usageAttributes } from './usage.ts';

/** What an event says of a span. What it does not say is absent. */
export interface SpanPatch {
  spanId: string;
  parentSpanId?: string;
  name?: string;
  start?: HrTime;
  end?: HrTime;
  attributes: SpanAttributes;
}

/** Attributes of the trace that each of its spans is to have: Langfuse filters and sums spans by them. */
export const SHARED: ReadonlySet<string> = new Set([
  LANGFUSE.traceName,
  LANGFUSE.userId,
  LANGFUSE.sessionId,
  LANGFUSE.tags,
  LANGFUSE.tracePublic,
  LANGFUSE.release,
  LANGFUSE.environment,
  `${LANGFUSE.traceMetadata}original_id`,
]);

/** One field of a body, and the attributes that Langfuse reads it from. */
interface FieldRow {
  field: string;
  attributes: readonly string[];
  read(value: unknown): unknown;
}

const OBSERVATION: readonly FieldRow[] = [
  { field: 'input', attributes: [LANGFUSE.input], read: asText },
  { field: 'output', attributes: [LANGFUSE.output], read: asText },
  { field: 'model', attributes: [LANGFUSE.model], read: asString },
  { field: 'modelParameters', attributes: [LANGFUSE.modelParameters], read: asJsonObject },
  { field: 'completionStartTime', attributes: [LANGFUSE.completionStartTime], read: asIsoTime },
  { field: 'level', attributes: [LANGFUSE.level], read: asLevel },
  { field: 'statusMessage', attributes: [LANGFUSE.statusMessage], read: asString },
  { field: 'promptName', attributes: [LANGFUSE.promptName], read: asString },
  { field: 'promptVersion', attributes: [LANGFUSE.promptVersion], read: asNumber },
  { field: 'version', attributes: [LANGFUSE.version], read: asString },
  { field: 'environment', attributes: [LANGFUSE.environment], read: asString },
];

const TRACE: readonly FieldRow[] = [
  { field: 'name', attributes: [LANGFUSE.traceName], read: asString },
  { field: 'userId', attributes: [LANGFUSE.userId], read: asString },
  { field: 'sessionId', attributes: [LANGFUSE.sessionId], read: asString },
  { field: 'tags', attributes: [LANGFUSE.tags], read: asTags },
  { field: 'public', attributes: [LANGFUSE.tracePublic], read: asBoolean },
  { field: 'release', attributes: [LANGFUSE.release], read: asString },
  { field: 'version', attributes: [LANGFUSE.version], read: asString },
  { field: 'environment', attributes: [LANGFUSE.environment], read: asString },
  { field: 'input', attributes: [LANGFUSE.input, LANGFUSE.traceInput], read: asText },
  { field: 'output', attributes: [LANGFUSE.output, LANGFUSE.traceOutput], read: asText },
];

/** What an event says of an observation. */
export function observationPatch({ body }: SdkEvent): SpanPatch {
  const id = asString(body.id) ?? '';
  const spanId = toSpanId(id);
  const parent = asString(body.parentObservationId);
  return {
    spanId,
    ...defined({
      parentSpanId: parent ? toSpanId(parent) : undefined,
      name: asString(body.name),
      start: toTime(body.startTime),
      end: toTime(body.endTime),
    }),
    attributes: {
      ...read(OBSERVATION, body),
      ...usageAttributes(body),
      ...metadata(LANGFUSE.metadata, body.metadata),
      ...(spanId !== id && { [`${LANGFUSE.metadata}original_id`]: id }),
    },
  };
}

/** What an event says of a trace, as of the span that stands for it; `spanId` is for the caller to say. */
export function tracePatch({ body, timestamp }: SdkEvent): Omit<SpanPatch, 'spanId'> {
  const id = asString(body.id) ?? '';
  return {
    ...defined({ name: asString(body.name), start: toTime(body.timestamp) ?? toTime(timestamp) }),
    attributes: {
      ...read(TRACE, body),
      ...metadata(LANGFUSE.traceMetadata, body.metadata),
      ...(toTraceId(id) !== id && { [`${LANGFUSE.traceMetadata}original_id`]: id }),
    },
  };
}

/** ISO 8601, to the millisecond, as the SDK writes times. */
export function toTime(value: unknown): HrTime | undefined {
  const milliseconds = Date.parse(asString(value) ?? '');
  if (Number.isNaN(milliseconds)) return undefined;
  return [Math.floor(milliseconds / 1_000), (((milliseconds % 1_000) + 1_000) % 1_000) * 1e6];
}

function read(rows: readonly FieldRow[], body: JsonObject): SpanAttributes {
  const attributes: Record<string, unknown> = {};
  for (const row of rows) {
    const value = row.read(body[row.field] ?? undefined);
    if (value !== undefined) for (const attribute of row.attributes) attributes[attribute] = value;
  }
  return attributes;
}

/** Each key by itself, so that a later event can add others. What is no object has no keys. */
function metadata(prefix: string, value: unknown): SpanAttributes {
  if (value === undefined || value === null) return {};
  const entries = Object.entries(asObject(value) ?? { metadata: value });
  const said = entries.filter(([, item]) => item !== null);
  return Object.fromEntries(said.map(([key, item]) => [prefix + key, typeof item === 'object' ? asText(item) : item]));
}

/** JSON is shown structured. */
function asText(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

function asJsonObject(value: unknown): string | undefined {
  return asText(asObject(value));
}

function asIsoTime(value: unknown): string | undefined {
  return toTime(value) && asString(value);
}

const LEVELS: ReadonlySet<unknown> = new Set(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']);

function asLevel(value: unknown): string | undefined {
  return LEVELS.has(value) ? asString(value) : undefined;
}

function asTags(value: unknown): string[] | undefined {
  return asArray(value) && asStrings(value);
}
