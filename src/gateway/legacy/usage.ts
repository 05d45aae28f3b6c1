import { findUsageApi } from '../../cost/usage-api.ts';
import { LANGFUSE } from '../../langfuse/attributes.ts';
import type { JsonObject } from '../../model/json.ts';
import { parseUsd, toUsd } from '../../model/money.ts';
import type { SpanAttributes } from '../../model/span.ts';
import { readUsage } from '../../provider-usage/formats.ts';
import { OURS } from '../../semconv/attributes.ts';
import { toDisjointUsage } from '../../usage/disjoint.ts';
import { asNumber, asObject, asString, defined } from '../../util/json-read.ts';
import { readUsageDetails, type StatedUsage } from './usage-details.ts';

/** What a generation states that it used and cost, as attributes of its span. */
export function usageAttributes({ usage, usageDetails, costDetails, model }: JsonObject): SpanAttributes {
  const stated = asObject(usage) ?? {};
  const details = asObject(usageDetails) ?? {};
  const modelName = asString(model);
  const cost = costAttribute(asObject(costDetails) ?? {}) ?? costAttribute(costsIn(stated));
  const tokens =
    readProviderUsage(details, modelName) ??
    readUsageDetails(details) ??
    readProviderUsage(stated, modelName) ??
    readUsageDetails(countsIn(stated) ?? {});
  const used = unitAttributes(stated) ?? (tokens && tokenAttributes(tokens));
  return { ...cost, ...(used ?? (cost === NO_COST ? NOTHING_USED : {})) };
}

const NO_COST: SpanAttributes = { [LANGFUSE.costDetails]: JSON.stringify({ total: 0 }) };
/** Of a failed call the SDK says only that it cost nothing. Without any usage Langfuse would count its text. */
const NOTHING_USED: SpanAttributes = { [LANGFUSE.usageDetails]: JSON.stringify({ total: 0 }) };

/** Units of Langfuse that are so many of one of ours. The others have the same names. */
const UNITS: Readonly<Record<string, readonly [unit: string, per: number]>> = { MILLISECONDS: ['seconds', 1_000] };

/** What is not counted in tokens has a price of its own, or none; how it was stated is kept. */
function unitAttributes(usage: JsonObject): SpanAttributes | undefined {
  const unit = asString(usage.unit);
  const counts = unit === undefined || unit === 'TOKENS' || openAiCounts(usage) ? undefined : countsIn(usage);
  if (unit === undefined || !counts) return undefined;
  const { input = 0, output = 0, total = input + output } = counts;
  const [name, per] = UNITS[unit] ?? [unit.toLowerCase(), 1];
  return {
    [OURS.billing]: JSON.stringify({ units: { [name]: total / per } }),
    [`${LANGFUSE.metadata}usage`]: JSON.stringify({ ...counts, unit }),
  };
}

function tokenAttributes({ usage, others }: StatedUsage): SpanAttributes {
  const { usage: buckets, problems } = toDisjointUsage(usage);
  return {
    [LANGFUSE.usageDetails]: JSON.stringify({ ...buckets, ...others }),
    ...(problems.length > 0 && { [`${LANGFUSE.metadata}usage_problems`]: JSON.stringify(problems) }),
  };
}

/** Some pass on the usage object of a response as it is. */
function readProviderUsage(usage: JsonObject, model: string | undefined): StatedUsage | undefined {
  if ('input' in usage || 'output' in usage) return undefined;
  const api = findUsageApi(usage, { format: undefined, provider: undefined, model });
  const read = api && readUsage({ format: api.format, body: usage });
  return read && { usage: read, others: {} };
}

type Counts = Partial<Record<'input' | 'output' | 'total', number>>;

/** Of `usage`, in either of its forms. */
function countsIn(usage: JsonObject): Counts | undefined {
  return openAiCounts(usage) ?? countsOf(usage.input, usage.output, usage.total);
}

/** `OpenAIUsage` of the SDK: tokens, whatever unit is said. */
function openAiCounts({ promptTokens, completionTokens, totalTokens }: JsonObject): Counts | undefined {
  return countsOf(promptTokens, completionTokens, totalTokens);
}

function countsOf(input: unknown, output: unknown, total: unknown): Counts | undefined {
  const counts = defined({ input: asNumber(input), output: asNumber(output), total: asNumber(total) });
  return Object.keys(counts).length > 0 ? counts : undefined;
}

function costsIn({ inputCost, outputCost, totalCost }: JsonObject): object {
  return { input: inputCost, output: outputCost, total: totalCost };
}

/** US dollars by what they were for, with their sum: without it Langfuse shows none. */
function costAttribute(stated: object): SpanAttributes | undefined {
  const amounts = Object.entries(stated).filter(([, amount]) => (asNumber(amount) ?? -1) >= 0) as [string, number][];
  if (amounts.length === 0) return undefined;
  if (amounts.every(([, amount]) => amount === 0)) return NO_COST;
  const total = toUsd(amounts.reduce((sum, [, amount]) => sum + parseUsd(amount), 0n));
  return { [LANGFUSE.costDetails]: JSON.stringify({ total, ...Object.fromEntries(amounts) }) };
}
