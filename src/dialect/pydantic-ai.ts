import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { RawUsage, ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { readUsage } from '../provider-usage/formats.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asCount, asObject, asObjects, asString, asStrings, defined, parseJson } from '../util/json-read.ts';
import { underConventions } from './shared/conventional.ts';
import type { Dialect, DialectReading, ObservationType } from './dialect.ts';
import { unknownUsage } from './gen-ai-usage.ts';
import { genAi } from './gen-ai.ts';
import { asCost } from './shared/cost.ts';
import { withInclusion } from './shared/inclusion.ts';
import { namesIn, readJson, readRows } from './shared/rows.ts';

const SCOPE = 'pydantic-ai';
/** Logfire puts it on every span, of whatever instrumentation. */
const MESSAGE = 'logfire.msg';
const AGENT_NAME = 'agent_name';

const NAMES = {
  tool_arguments: GEN_AI.toolArguments,
  tool_response: GEN_AI.toolResult,
  model_name: 'gen_ai.request.model',
  'pydantic_ai.all_messages': GEN_AI.inputMessages,
  'gen_ai.client.operation.time_to_first_chunk': 'gen_ai.response.time_to_first_chunk',
} as const;

/** Whole conversations as lists of events, before they were messages. */
const EVENT_LISTS = ['events', 'all_messages_events'] as const;

/** What a run of an agent used, all its calls together. */
const AGGREGATED = 'gen_ai.aggregated_usage.';
const DETAILS = `${GEN_AI.usagePrefix}details.`;

type Detail =
  | 'cacheRead'
  | 'cacheWrite'
  | 'cacheWrite1h'
  | 'inputAudio'
  | 'cacheReadAudio'
  | 'reasoning'
  | 'outputAudio'
  | 'acceptedPrediction'
  | 'rejectedPrediction';

/** Names of Pydantic AI, then those of providers, which it passes on. All are parts of the sums beside them. */
const DETAIL_FIELDS: readonly RowOf<Pick<ReportedUsage, Detail>>[] = [
  { field: 'cacheRead', attribute: 'cache_read_tokens', former: ['cache_read_input_tokens', 'cached_content_tokens'] },
  { field: 'cacheWrite', attribute: 'cache_write_tokens', former: ['cache_creation_input_tokens'] },
  { field: 'cacheWrite1h', attribute: 'ephemeral_1h_input_tokens' },
  { field: 'inputAudio', attribute: 'input_audio_tokens', former: ['audio_prompt_tokens'] },
  { field: 'cacheReadAudio', attribute: 'cache_audio_read_tokens', former: ['audio_cache_tokens'] },
  { field: 'reasoning', attribute: 'reasoning_tokens', former: ['thoughts_tokens'] },
  { field: 'outputAudio', attribute: 'output_audio_tokens', former: ['audio_candidates_tokens'] },
  { field: 'acceptedPrediction', attribute: 'accepted_prediction_tokens' },
  { field: 'rejectedPrediction', attribute: 'rejected_prediction_tokens' },
].map(
  ({ field, attribute, former = [] }) =>
    ({
      field,
      attribute: DETAILS + attribute,
      former: former.map((name) => DETAILS + name),
      parse: asCount,
    }) as RowOf<Pick<ReportedUsage, Detail>>,
);

/** By a price list of its own. */
const COST: RowOf<Pick<ReportedUsage, 'reckonedUsd'>> = {
  field: 'reckonedUsd',
  attribute: 'operation.cost',
  parse: asCost,
};

/** How the provider's own usage object, which Logfire passes on, is told from that of another. */
const RAW_USAGE = 'gen_ai.usage.raw';
const RAW_FORMATS: readonly { key: string; format: string }[] = [
  { key: 'prompt_tokens', format: 'openai.chat' },
  { key: 'input_tokens_details', format: 'openai.responses' },
  { key: 'cache_read_input_tokens', format: 'anthropic.messages' },
];

/** What is read, or said by the sums. */
const KNOWN: ReadonlySet<string> = new Set([
  ...namesIn(DETAIL_FIELDS),
  `${DETAILS}input_tokens`,
  `${DETAILS}output_tokens`,
  RAW_USAGE,
]);

/**
 * Content, usage and metadata; and what is never sent: the request as Pydantic AI has it, and what tells Logfire how to
 * show a span.
 */
const CARRIED =
  /^(?:events|all_messages_events|pydantic_ai\.all_messages|final_result|tool_arguments|tool_response|metadata|request_data|response_data|model_request_parameters|operation\.cost|gen_ai\.aggregated_usage|logfire\.(?:json_schema|metrics|tags))(?:\.|$)/;

/**
 * Pydantic AI in all versions of its format, and Logfire, by the same people: the GenAI conventions of the day with
 * details of usage, whole runs, and costs.
 * @see https://ai.pydantic.dev/logfire/
 */
export const pydanticAi: Dialect = {
  id: 'pydantic-ai',
  recognises: (attributes, scope) =>
    scope === SCOPE || (attributes[MESSAGE] !== undefined && genAi.recognises(attributes, scope)),
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const view = conventional(span);
    const reading = genAi.read(view);
    const type = typeOf(attributes, reading);
    return {
      ...reading,
      type,
      ...(reading.call && { call: completed(reading.call, view.attributes, type) }),
      ...defined({ output: reading.output ?? asString(attributes['final_result']), tags: readTags(attributes) }),
      metadata: { ...asObject(readJson(attributes, 'metadata')), ...unknownUsage(view.attributes, KNOWN) },
    } satisfies DialectReading;
  },
};

function conventional(span: SpanView): SpanView {
  const { attributes, events } = span;
  const aggregated = Object.keys(attributes).filter((name) => name.startsWith(AGGREGATED));
  const usage = aggregated.map((name) => [name, GEN_AI.usagePrefix + name.slice(AGGREGATED.length)] as const);
  const view = underConventions(span, { ...NAMES, ...Object.fromEntries(usage) });
  const listed = EVENT_LISTS.flatMap((name) => asObjects(readJson(attributes, name)));
  return { ...view, events: [...events, ...listed.map((event) => toEvent(event, span))] };
}

function toEvent(
  { 'event.name': name, ...attributes }: JsonObject,
  { startTime }: SpanView,
): SpanView['events'][number] {
  return { name: asString(name) ?? '', time: startTime, attributes };
}

function typeOf(attributes: SpanAttributes, { type, call }: DialectReading): ObservationType {
  if (attributes[GEN_AI.operation] === undefined && attributes[AGENT_NAME] !== undefined) return 'agent';
  // The span of a stream ends as it begins; a record beside it has the answer.
  const isAnswered = [call?.error, call?.output, call?.usage].some((outcome) => outcome !== undefined);
  const isOpening = attributes['request_data'] !== undefined && !isAnswered;
  return type === 'generation' && (isOpening || call?.requestModel === undefined) ? 'span' : type;
}

function completed(call: LlmCall, attributes: SpanAttributes, type: ObservationType): LlmCall {
  const finishReasons = readFinishReasons(attributes) ?? call.finishReasons;
  return {
    ...call,
    ...(attributes[GEN_AI.operation] === undefined && { operation: OPERATIONS.get(type) ?? call.operation }),
    ...defined({ finishReasons }),
    ...readUsageOf(call, attributes),
  };
}

/** Of spans from before all of them had an operation. */
const OPERATIONS: ReadonlyMap<ObservationType, string> = new Map([
  ['agent', 'invoke_agent'],
  ['span', 'other'],
]);

function readUsageOf(call: LlmCall, attributes: SpanAttributes): Pick<LlmCall, 'usage' | 'rawUsage'> {
  const rawUsage = call.rawUsage ?? readRawUsage(attributes);
  const whole = call.rawUsage ? call.usage : rawUsage && readUsage(rawUsage);
  const usage = whole ?? (call.usage && withInclusion({ ...call.usage, ...readRows(attributes, DETAIL_FIELDS) }));
  return usage ? { usage: { ...usage, ...readRows(attributes, [COST]) }, ...defined({ rawUsage }) } : {};
}

function readRawUsage(attributes: SpanAttributes): RawUsage | undefined {
  const body = asObject(readJson(attributes, RAW_USAGE));
  const format = RAW_FORMATS.find(({ key }) => body?.[key] !== undefined)?.format;
  return body && format !== undefined ? { format, body } : undefined;
}

/** Logfire writes lists as JSON text. */
function readFinishReasons(attributes: SpanAttributes): string[] | undefined {
  return asStrings(asJson(attributes['gen_ai.response.finish_reasons']));
}

function asJson(value: unknown): Json | undefined {
  return typeof value === 'string' && value.startsWith('[') ? parseJson(value) : undefined;
}

/** Of the app; the one for all calls of models is Logfire's own. */
function readTags(attributes: SpanAttributes): string[] | undefined {
  return asStrings(asStrings(attributes['logfire.tags'])?.filter((tag) => tag !== 'LLM'));
}
