import { createHash } from 'node:crypto';
import { asString } from '../../util/json-read.ts';

/**
 * The former SDK takes any text for an id, OpenTelemetry 16 and 8 bytes. Ids that are such bytes stay as they are; any
 * other becomes what Langfuse's later SDKs make of it as a seed (`createTraceId`, `create_observation_id`), so that apps
 * on either side of an upgrade mean the same trace.
 */
export function toTraceId(id: string): string {
  return toHexId(id, 32);
}

/** Of an observation. See {@link toTraceId}. */
export function toSpanId(id: string): string {
  return toHexId(id, 16);
}

/**
 * The span that stands for a trace itself. Langfuse names it so where it makes one: an observation may have the id of its
 * trace, as the first one of LangChain's handler does.
 */
export function rootSpanId(traceId: string): string {
  return toSpanId(`t-${traceId}`);
}

function toHexId(id: string, digits: number): string {
  const isId = id.length === digits && /^(?!0+$)[0-9a-f]+$/i.test(id);
  return isId ? id.toLowerCase() : createHash('sha256').update(id).digest('hex').slice(0, digits);
}

/** The fields and query parameters of Langfuse's API that hold an id. */
const FIELDS: Readonly<Record<string, (id: string) => string>> = {
  traceId: toTraceId,
  sourceTraceId: toTraceId,
  observationId: toSpanId,
  parentObservationId: toSpanId,
  sourceObservationId: toSpanId,
};

/** The object with the ids it refers to as the spans have them. */
export function withSpanIds(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      const id = asString(value);
      return [name, id && Object.hasOwn(FIELDS, name) ? FIELDS[name]?.(id) : value];
    }),
  );
}

const PATHS: readonly (readonly [prefix: RegExp, toId: (id: string) => string])[] = [
  [/^\/api\/public\/traces\/(?=[^/]+$)/, toTraceId],
  [/^\/api\/public\/observations\/(?=[^/]+$)/, toSpanId],
];

/** The same of an address below `/api/public/`, in its path and its query. */
export function urlWithSpanIds(url: URL): URL {
  const mapped = new URL(url);
  for (const [prefix, toId] of PATHS) {
    const [found] = prefix.exec(url.pathname) ?? [];
    if (found) mapped.pathname = found + toId(decoded(url.pathname.slice(found.length)));
  }
  for (const [name, id] of url.searchParams) {
    if (id && Object.hasOwn(FIELDS, name)) mapped.searchParams.set(name, FIELDS[name]?.(id) ?? id);
  }
  return mapped;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
