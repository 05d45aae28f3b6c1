import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asCount, asString, asStrings, defined } from '../util/json-read.ts';
import { underConventions } from './shared/conventional.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { readRows } from './shared/rows.ts';

/** Of the client for TypeScript; that for Python has `python` at its end. */
const SCOPE = 'com.anthropic.sdk.';

const NAMES = { 'anthropic.tool_result.content': GEN_AI.toolResult } as const;

const TIER: RowOf<Pick<RequestParameters, 'serviceTier'>> = {
  field: 'serviceTier',
  attribute: 'anthropic.request.service_tier',
  parse: asString,
};

const USAGE_FIELDS: readonly RowOf<Pick<ReportedUsage, 'cacheWrite5m' | 'cacheWrite1h' | 'serviceTier'>>[] = [
  {
    field: 'cacheWrite5m',
    attribute: 'anthropic.usage.cache_creation.ephemeral_5m_input_tokens',
    parse: asCount,
  },
  {
    field: 'cacheWrite1h',
    attribute: 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens',
    parse: asCount,
  },
  { field: 'serviceTier', attribute: 'anthropic.response.service_tier', parse: asString },
];

/** What summaries of a long conversation cost, which the other counts leave out. Input with what was cached of it. */
const COMPACTION_FIELDS: readonly RowOf<Pick<ReportedUsage, 'input' | 'output'>>[] = [
  { field: 'input', attribute: 'anthropic.usage.compaction.input_tokens', parse: asCount },
  { field: 'output', attribute: 'anthropic.usage.compaction.output_tokens', parse: asCount },
];

const CARRIED = /^anthropic\.(?:usage|tool_result)\./;

/**
 * The spans that Anthropic's clients make themselves, since version 1 for TypeScript. They follow the GenAI conventions
 * and add what a price depends on.
 */
export const anthropicSdk: Dialect = {
  id: 'anthropic-sdk',
  recognises: (attributes, scope) => scope.startsWith(SCOPE) && genAi.recognises(attributes, scope),
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const reading = genAi.read(underConventions(span, NAMES));
    // Counting tokens and starting a session name a model too; what calls one states its operation.
    const isCall = attributes[GEN_AI.operation] !== undefined;
    return {
      ...reading,
      ...(!isCall && { type: 'span' }),
      ...(reading.call && {
        call: isCall ? completed(reading.call, attributes) : { ...reading.call, operation: 'other' },
      }),
    } satisfies DialectReading;
  },
};

function completed(call: LlmCall, attributes: SpanAttributes): LlmCall {
  const finishReasons = call.finishReasons ?? asStrings(attributes['anthropic.message.stop_reason']);
  // The provider's own usage object has all of this already.
  const usage = call.usage && !call.rawUsage ? withDetails(call.usage, attributes) : call.usage;
  const parameters = { ...call.parameters, ...readRows(attributes, [TIER]) };
  return { ...call, parameters, ...defined({ finishReasons, usage }) };
}

function withDetails(stated: ReportedUsage, attributes: SpanAttributes): ReportedUsage {
  const usage = { ...stated, ...readRows(attributes, USAGE_FIELDS) };
  const compaction = readRows(attributes, COMPACTION_FIELDS);
  if (compaction.input === undefined && compaction.output === undefined) return usage;
  const { inputIncludes, outputIncludes } = usage;
  const parts = [
    { label: 'message', usage },
    { label: 'compaction', usage: { ...compaction, inputIncludes, outputIncludes } },
  ];
  return { ...usage, parts };
}
