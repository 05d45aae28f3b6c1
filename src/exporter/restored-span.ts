import type { Dialect, DialectReading, ObservationType } from '../dialect/dialect.ts';
import { LANGFUSE } from '../langfuse/attributes.ts';
import { NO_USAGE } from '../langfuse/generation.ts';
import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { HrTime, SpanAttributes } from '../model/span.ts';
import type { UsageDetails } from '../model/usage.ts';
import { asNumber, asObject, asObjects, asString, defined, parseJson } from '../util/json-read.ts';
import { plainEntries } from '../util/otlp-plain-value.ts';
import { isCall } from './read-span.ts';
import type { ReadableSpanLike } from './readable-span.ts';
import type { SelectedSpan } from './select.ts';

/** A span that a former process sent. */
export interface RestoredSpan extends SelectedSpan {
  /** What was given out as its own usage; absent where nothing was said of usage. */
  own?: UsageDetails;
}

/** Reads a record that the pipeline wrote; `undefined` if it is something else. */
export function toRestoredSpan(record: string): RestoredSpan | undefined {
  const resourceSpans = asObject(parseJson(record));
  const [scopeSpans] = asObjects(resourceSpans?.['scopeSpans']);
  const [encoded] = asObjects(scopeSpans?.['spans']);
  const traceId = asString(encoded?.['traceId']);
  const spanId = asString(encoded?.['spanId']);
  if (!encoded || traceId === undefined || spanId === undefined) return undefined;
  const { parentSpanId, name, kind, status } = encoded;
  const attributes = attributesOf(encoded['attributes']);
  const scope = asObject(scopeSpans?.['scope']);
  const span: ReadableSpanLike = {
    name: asString(name) ?? '',
    kind: (asNumber(kind) ?? 1) - 1,
    spanContext: () => ({ traceId, spanId }),
    ...defined({ parentSpanId: asString(parentSpanId) }),
    startTime: hrTime(encoded['startTimeUnixNano']),
    endTime: hrTime(encoded['endTimeUnixNano']),
    status: {
      code: asNumber(asObject(status)?.['code']) ?? 0,
      ...defined({ message: asString(asObject(status)?.['message']) }),
    },
    attributes,
    events: asObjects(encoded['events']).map((event) => ({
      name: asString(event['name']) ?? '',
      time: hrTime(event['timeUnixNano']),
      attributes: attributesOf(event['attributes']),
    })),
    links: asObjects(encoded['links']).map((link) => ({
      context: { traceId: asString(link['traceId']) ?? '', spanId: asString(link['spanId']) ?? '' },
      attributes: attributesOf(link['attributes']),
    })),
    resource: { attributes: attributesOf(asObject(resourceSpans?.['resource'])?.['attributes']) },
    instrumentationScope: {
      name: asString(scope?.['name']) ?? '',
      ...defined({ version: asString(scope?.['version']) }),
    },
  };
  // Whether it is the top of its trace is among its attributes.
  return { span, dialect: RESTORED, isTop: false, ...defined({ own: ownUsage(attributes) }) };
}

function attributesOf(encoded: unknown): SpanAttributes {
  return Object.fromEntries(plainEntries(encoded));
}

function hrTime(unixNano: unknown): HrTime {
  const nanoseconds = /^\d+$/.test(String(unixNano)) ? BigInt(String(unixNano)) : 0n;
  return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
}

const metadata = (key: string): string => LANGFUSE.metadata + key;

/** What follows from the usage that is the span's own; the rest of a record stays as it is. */
const CARRIED: ReadonlySet<string> = new Set([
  LANGFUSE.type,
  LANGFUSE.usageDetails,
  LANGFUSE.costDetails,
  ...['reported_usage', 'cost_source', 'cost_usd', 'cost_assumptions', 'cost_catalog'].map(metadata),
]);

/** Reads what the pipeline wrote: who sold the tokens and what is known of their price. Money stated is of the whole. */
export const RESTORED: Dialect = {
  id: 'restored',
  recognises: () => false,
  carries: (attribute) => CARRIED.has(attribute),
  carriesEvent: () => false,
  read: ({ attributes }): DialectReading => {
    const reported = usageIn(attributes, metadata('reported_usage')) ?? ownUsage(attributes);
    return {
      type: typeOf(attributes),
      call: readCall(attributes, reported !== undefined),
      ...(reported?.total && { stated: { usage: reported, attributes: {} } }),
      metadata: {},
    };
  },
};

function readCall(attributes: SpanAttributes, hasUsage: boolean): LlmCall {
  const text = (name: string): string | undefined => asString(attributes[name]);
  const other = asObject(parseJson(text(LANGFUSE.modelParameters) ?? '')) as RequestParameters['other'];
  const address = text(metadata('server'))?.replace(/:\d+$/, '');
  return {
    operation: text(metadata('operation')) ?? 'chat',
    ...defined({
      provider: text(metadata('provider')),
      requestModel: text(metadata('request_model')),
      responseModel: text(LANGFUSE.model),
      server: address === undefined ? undefined : { address },
    }),
    parameters: defined({ other }),
    ...(hasUsage && {
      usage: {
        ...defined({
          serviceTier: text(metadata('service_tier')),
          inferenceGeo: text(metadata('inference_geo')),
          speed: text(metadata('speed')),
          estimated: attributes[metadata('estimated_usage')] === true || undefined,
        }),
        inputIncludes: { cacheRead: false, cacheWrite: false },
        outputIncludes: { reasoning: false },
      },
    }),
    problems: [],
  };
}

/** A call that stays one with nothing of its own has reported nothing: its usage is in that of a span above it. */
function ownUsage(attributes: SpanAttributes): UsageDetails | undefined {
  const isSilent = isCall(typeOf(attributes)) && attributes[LANGFUSE.usageDetails] === NO_USAGE[LANGFUSE.usageDetails];
  return isSilent ? undefined : usageIn(attributes, LANGFUSE.usageDetails);
}

function typeOf(attributes: SpanAttributes): ObservationType {
  return (asString(attributes[LANGFUSE.type]) ?? 'span') as ObservationType;
}

function usageIn(attributes: SpanAttributes, name: string): UsageDetails | undefined {
  const details = asObject(parseJson(asString(attributes[name]) ?? ''));
  return details && Object.fromEntries(Object.entries(details).filter(([, count]) => (asNumber(count) ?? -1) >= 0));
}
