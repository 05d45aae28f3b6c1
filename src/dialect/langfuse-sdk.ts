import type { JsonObject } from '../model/json.ts';
import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import { formatUsd, parseUsd } from '../model/money.ts';
import type { Problem } from '../model/problem.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { UsageDetails } from '../model/usage.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asNumber, asObject, asString, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading, ObservationType } from './dialect.ts';
import { isUsage, readUsageOf, unknownUsage } from './gen-ai-usage.ts';
import { readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';

const SCOPE = 'langfuse-sdk';
const TYPE = 'langfuse.observation.type';
const USAGE = 'langfuse.observation.usage_details';
const COST = 'langfuse.observation.cost_details';

type Content = Pick<DialectReading, 'input' | 'output' | 'traceInput' | 'traceOutput'>;

const CONTENT_FIELDS: readonly RowOf<Content>[] = [
  { field: 'input', attribute: 'langfuse.observation.input', parse: asString },
  { field: 'output', attribute: 'langfuse.observation.output', parse: asString },
  { field: 'traceInput', attribute: 'langfuse.trace.input', parse: asString },
  { field: 'traceOutput', attribute: 'langfuse.trace.output', parse: asString },
];
const CARRIED: ReadonlySet<string> = new Set([...CONTENT_FIELDS.map(({ attribute }) => attribute), USAGE, COST]);

const MODEL: RowOf<Pick<LlmCall, 'requestModel'>> = {
  field: 'requestModel',
  attribute: 'langfuse.observation.model.name',
  parse: asString,
};

/** The types that are a model call, and its operation. An app may state usage on any other. */
const CALLS: ReadonlyMap<unknown, string> = new Map([
  ['generation', 'chat'],
  ['embedding', 'embeddings'],
]);

/** The others; an `event`, and types newer than this package, stay what they say they are. */
const TYPES: ReadonlySet<unknown> = new Set<ObservationType>([
  'generation',
  'embedding',
  'agent',
  'tool',
  'chain',
  'retriever',
  'guardrail',
  'evaluator',
]);

/**
 * Spans that speak Langfuse's own language already: they are taken as they are. They are read so that they are sent at
 * all, that their content obeys mask and content switch, and that what they count takes part in counting once.
 * @see https://langfuse.com/integrations/native/opentelemetry#property-mapping
 */
export const langfuseSdk: Dialect = {
  id: 'langfuse-sdk',
  recognises: (attributes, scope) => scope === SCOPE && attributes[TYPE] !== undefined,
  carries: (attribute) => CARRIED.has(attribute) || isUsage(attribute),
  carriesEvent: () => false,
  read: (span) => {
    const { attributes } = span;
    const type = attributes[TYPE];
    const stated = readStated(attributes);
    const problems: Problem[] = [];
    const measured = stated.usage ? {} : readUsageOf(span, problems);
    const operation = CALLS.get(type) ?? ((stated.usage ?? measured.usage) && 'other');
    return {
      type: TYPES.has(type) ? (type as ObservationType) : 'span',
      ...(operation !== undefined && { call: { ...readCall(span, operation), ...measured, problems } }),
      ...readRows(attributes, CONTENT_FIELDS),
      stated,
      metadata: unknownUsage(attributes),
    } satisfies DialectReading;
  },
};

/** The same on spans of anybody: an app may set Langfuse's attributes on any. */
export const langfuseAttributes: Dialect = {
  ...langfuseSdk,
  id: 'langfuse-attributes',
  recognises: (attributes) => attributes[TYPE] !== undefined,
};

function readCall(span: SpanView, operation: string): LlmCall {
  const { attributes } = span;
  const error = readError(span);
  const billedUsd = readCost(attributes);
  return {
    operation,
    ...readRows(attributes, [MODEL]),
    parameters: readParameters(attributes),
    ...(billedUsd !== undefined && {
      usage: {
        billedUsd,
        inputIncludes: { cacheRead: false, cacheWrite: false },
        outputIncludes: { reasoning: false },
      },
    }),
    ...(error && { error }),
    problems: [],
  };
}

function readParameters(attributes: SpanAttributes): RequestParameters {
  const other = asObject(readJson(attributes, 'langfuse.observation.model.parameters'));
  return other ? { other: other as NonNullable<RequestParameters['other']> } : {};
}

/** By Langfuse's rule no token is in two of the counts, whatever the app calls them. */
function readStated(attributes: SpanAttributes): NonNullable<DialectReading['stated']> {
  const counts = amountsOf(asObject(readJson(attributes, USAGE)));
  const { total: _total, ...parts } = counts;
  const usage = { ...parts, total: sum(Object.values(parts)) } as UsageDetails;
  return {
    ...(Object.keys(parts).length > 0 && { usage }),
    attributes: defined({ [USAGE]: attributes[USAGE], [COST]: withTotal(attributes) }),
  };
}

/** Without a total, Langfuse shows no cost. */
function withTotal(attributes: SpanAttributes): SpanAttributes[string] {
  const costs = asObject(readJson(attributes, COST));
  const total = readCost(attributes);
  if (!costs || total === undefined || costs.total !== undefined) return attributes[COST];
  return JSON.stringify({ ...costs, total: Number(total) });
}

/** What the app says the call cost, as exact decimal text in USD. */
function readCost(attributes: SpanAttributes): string | undefined {
  const costs = amountsOf(asObject(readJson(attributes, COST)));
  const { total, ...parts } = costs;
  if (total !== undefined) return formatUsd(parseUsd(total));
  const amounts = Object.values(parts);
  return amounts.length > 0 ? formatUsd(amounts.map(parseUsd).reduce((a, b) => a + b)) : undefined;
}

function amountsOf(details: JsonObject = {}): Record<string, number> {
  const amounts = Object.entries(details).filter(([, amount]) => (asNumber(amount) ?? -1) >= 0);
  return Object.fromEntries(amounts) as Record<string, number>;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, b) => a + b, 0);
}
