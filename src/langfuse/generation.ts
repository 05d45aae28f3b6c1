import type { Pricing } from '../model/cost.ts';
import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import { formatUsd, toUsd } from '../model/money.ts';
import type { Problem } from '../model/problem.ts';
import type { HrTime, SpanAttributes, SpanView } from '../model/span.ts';
import type { UsageDetails } from '../model/usage.ts';
import { PARAMETER_FIELDS } from '../semconv/fields.ts';
import { defined } from '../util/json-read.ts';
import { LANGFUSE } from './attributes.ts';
import { chatInput, chatOutput } from './chat-messages.ts';

/** The usage of a call after each token is counted once. */
export interface CountedUsage {
  /** What the span reports, in disjoint buckets. */
  reported: UsageDetails;
  /** What of it is its own; less than reported where spans below it account for the rest. */
  own: UsageDetails;
  /** Of its own usage; absent where all of it is accounted for elsewhere. */
  pricing?: Pricing;
  problems: readonly Problem[];
}

/** A model call as Langfuse has it. */
export function callAttributes(call: LlmCall, span: SpanView, counted?: CountedUsage): SpanAttributes {
  const described = defined({
    [LANGFUSE.model]: call.responseModel ?? call.requestModel,
    [LANGFUSE.usageDetails]: counted && JSON.stringify(counted.own),
    [LANGFUSE.costDetails]: counted && costDetails(counted),
    [LANGFUSE.input]: jsonText(chatInput(call)),
    [LANGFUSE.output]: jsonText(chatOutput(call)),
    [LANGFUSE.modelParameters]: modelParameters(call.parameters),
    [LANGFUSE.completionStartTime]: completionStart(span.startTime, call.timeToFirstChunk),
  });
  const metadata = Object.assign(callMetadata(call), counted && usageMetadata(counted), {
    problems: problemsOf(call, counted),
  });
  return Object.assign(described, errorAttributes(call), metadataAttributes(metadata));
}

/**
 * Stands for the usage of a span that has none of its own: without any, Langfuse would count the tokens of its input and
 * output itself, and so a second time.
 */
export const NO_USAGE: SpanAttributes = {
  [LANGFUSE.usageDetails]: JSON.stringify({ total: 0 }),
  [LANGFUSE.costDetails]: JSON.stringify({ total: 0 }),
};

/** Metadata in Langfuse's attributes: plain values as they are, structures as JSON. */
export function metadataAttributes(metadata: Readonly<Record<string, unknown>>): SpanAttributes {
  const attributes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(metadata)) {
    if (value !== undefined)
      attributes[LANGFUSE.metadata + key] = typeof value === 'object' ? JSON.stringify(value) : value;
  }
  return attributes;
}

/** Exact sums, each written as the shortest decimal that reads back as the same number. */
function costDetails({ pricing }: CountedUsage): string | undefined {
  if (!pricing) return JSON.stringify({ total: 0 });
  if ('unpriced' in pricing) return undefined;
  const { details, total } = pricing.cost;
  const entries = Object.entries(details).map(([item, amount]) => [item, toUsd(amount)]);
  return JSON.stringify({ ...Object.fromEntries(entries), total: toUsd(total) });
}

function modelParameters({ other, ...parameters }: RequestParameters): string | undefined {
  const all: Record<string, unknown> = {};
  for (const [field, name] of PARAMETER_NAMES) if (parameters[field] !== undefined) all[name] = parameters[field];
  Object.assign(all, other);
  return Object.keys(all).length > 0 ? JSON.stringify(all) : undefined;
}

/** `gen_ai.request.choice.count` is `choice_count`. */
const PARAMETER_NAMES = PARAMETER_FIELDS.map(
  ({ field, attribute }) =>
    [field, attribute.replace(/^(gen_ai|openai)\.(request\.)?/, '').replaceAll('.', '_')] as const,
);

function completionStart([seconds, nanoseconds]: HrTime, timeToFirstChunk: number | undefined): string | undefined {
  if (timeToFirstChunk === undefined) return undefined;
  const time = new Date((seconds + nanoseconds / 1e9 + timeToFirstChunk) * 1000);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function errorAttributes({ error }: LlmCall): SpanAttributes {
  if (!error) return {};
  const { type, message } = error;
  return { [LANGFUSE.level]: 'ERROR', [LANGFUSE.statusMessage]: message === undefined ? type : `${type}: ${message}` };
}

function callMetadata(call: LlmCall): Record<string, unknown> {
  return {
    provider: call.provider,
    operation: call.operation,
    request_model: call.requestModel,
    response_id: call.responseId,
    conversation_id: call.conversationId,
    finish_reasons: call.finishReasons,
    service_tier: call.usage?.serviceTier,
    inference_geo: call.usage?.inferenceGeo,
    speed: call.usage?.speed,
    server: call.server && [call.server.address, call.server.port].filter((part) => part !== undefined).join(':'),
    error_status: call.error?.status,
    estimated_usage: call.usage?.estimated,
    estimate_method: call.usage?.estimateMethod,
  };
}

function usageMetadata({ reported, own, pricing }: CountedUsage): Record<string, unknown> {
  const cost = pricing && 'cost' in pricing ? pricing.cost : undefined;
  return {
    // Kept where the number shown is not the number reported, so that the difference explains itself.
    reported_usage: own === reported ? undefined : reported,
    cost_source: cost?.source,
    cost_usd: cost && formatUsd(cost.total),
    cost_assumptions: cost?.assumptions.length ? cost.assumptions : undefined,
    cost_catalog: cost?.catalogVersion,
  };
}

function problemsOf(call: LlmCall, counted: CountedUsage | undefined): readonly Problem[] | undefined {
  const { pricing, problems: usageProblems = [] } = counted ?? {};
  const unpriced = pricing && 'unpriced' in pricing ? [pricing.unpriced] : [];
  const problems = [...call.problems, ...usageProblems, ...unpriced];
  return problems.length > 0 ? problems : undefined;
}

function jsonText(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
