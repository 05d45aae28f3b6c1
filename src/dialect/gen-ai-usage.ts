import type { LlmCall } from '../model/llm-call.ts';
import type { Problem } from '../model/problem.ts';
import { completeUsage, type RawUsage, type ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { readUsage } from '../provider-usage/formats.ts';
import { BILLING_FACTS, GEN_AI, OURS } from '../semconv/attributes.ts';
import { OPENAI_SERVICE_TIER, type RowOf, SUM_FIELDS, USAGE_FIELDS } from '../semconv/fields.ts';
import { asCount, asObject, asString, defined } from '../util/json-read.ts';
import { asCost } from './shared/cost.ts';
import { isCacheBeside } from './shared/inclusion.ts';
import { namesIn, readBelow, readJson, readRows } from './shared/rows.ts';

/**
 * The usage of a span: from the provider's own usage object where the span carries it, else from the counts of the
 * conventions. What makes a number uncertain is added to `problems`.
 */
export function readUsageOf(
  { attributes, scope }: Pick<SpanView, 'attributes' | 'scope'>,
  problems: Problem[],
): Pick<LlmCall, 'usage' | 'rawUsage'> {
  const rawUsage = readRawUsage(attributes, problems);
  const reported = rawUsage && readUsage(rawUsage);
  const facts = readFacts(attributes);
  const usage = reported ?? readCounts(attributes, scope) ?? (facts.units && WITHOUT_COUNTS);
  return {
    ...(usage && { usage: withEstimate(attributes, { ...usage, ...facts, ...readRows(attributes, [COST]) }) }),
    ...(rawUsage && { rawUsage }),
  };
}

function readRawUsage(attributes: SpanAttributes, problems: Problem[]): RawUsage | undefined {
  const format = asString(attributes[OURS.usageFormat]);
  if (format === undefined || attributes[OURS.usageRaw] === undefined) return undefined;
  const body = asObject(readJson(attributes, OURS.usageRaw));
  if (!body)
    problems.push({
      code: 'raw-usage-unreadable',
      message:
        'the provider’s usage object was cut, probably by an attribute length limit: the counts of the span hold',
    });
  return body && { format, body };
}

/** Of a call that is billed by other units only. */
const WITHOUT_COUNTS: ReportedUsage = {
  inputIncludes: { cacheRead: true, cacheWrite: true },
  outputIncludes: { reasoning: true },
};

/**
 * By the conventions the input includes cache reads and writes and the output includes reasoning; some instrumentations
 * pass on exclusive counts instead, as Anthropic's API has them. The total is then not the provider's but their sum.
 */
function readCounts(attributes: SpanAttributes, scope: SpanView['scope']): ReportedUsage | undefined {
  const { total, ...sums } = readRows(attributes, SUM_FIELDS);
  const parts = readRows(attributes, USAGE_FIELDS);
  const counts = { ...sums, ...parts, ...defined({ total }) };
  if (Object.keys(counts).length === 0) return undefined;
  const cacheInside = !isCacheBeside(counts, scope);
  const reasoningInside = sums.output === undefined || (parts.reasoning ?? 0) <= sums.output;
  const isSumWithoutCache = !cacheInside && total === (sums.input ?? 0) + (sums.output ?? 0);
  return {
    ...(isSumWithoutCache ? { ...sums, ...parts } : counts),
    inputIncludes: { cacheRead: cacheInside, cacheWrite: cacheInside },
    outputIncludes: { reasoning: reasoningInside },
  };
}

/** With what the provider's own usage object lacks because it was counted here; without one, the sums are ours. */
function withEstimate(attributes: SpanAttributes, usage: ReportedUsage): ReportedUsage {
  if (attributes[OURS.usageEstimated] !== true) return usage;
  const counted = asObject(readJson(attributes, OURS.usageCounted));
  return completeUsage(usage, {
    ...(counted
      ? defined({ input: asCount(counted.input), output: asCount(counted.output) })
      : readRows(attributes, SUMS)),
    ...defined({ estimateMethod: asString(attributes[OURS.estimateMethod]) }),
  });
}

const SUMS = SUM_FIELDS.filter(({ field }) => field !== 'total');

function readFacts(attributes: SpanAttributes): Partial<ReportedUsage> {
  const stated = asObject(readJson(attributes, OURS.billing)) ?? {};
  const facts = BILLING_FACTS.filter((name) => stated[name] !== undefined).map((name) => [name, stated[name]]);
  return { ...readRows(attributes, [OPENAI_SERVICE_TIER]), ...Object.fromEntries(facts) };
}

/** In no conventions, but in the attributes of several instrumentations and gateways: by a price list of theirs. */
const COST: RowOf<Pick<ReportedUsage, 'reckonedUsd'>> = {
  field: 'reckonedUsd',
  attribute: 'gen_ai.usage.cost',
  parse: asCost,
};

const KNOWN: ReadonlySet<string> = new Set(namesIn([...SUM_FIELDS, ...USAGE_FIELDS, COST]));

/** Whether an attribute is about usage: Langfuse would add up each that is sent. */
export function isUsage(attribute: string): boolean {
  return attribute.startsWith(GEN_AI.usagePrefix);
}

/**
 * Usage attributes that nobody can place: shown as metadata, and in no sum.
 * @param placed those that a dialect knows beside the conventions.
 */
export function unknownUsage(attributes: SpanAttributes, placed?: ReadonlySet<string>): Record<string, unknown> {
  return readBelow(attributes, 'gen_ai.', (name) => isUsage(name) && !KNOWN.has(name) && !placed?.has(name));
}
