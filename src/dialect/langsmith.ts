import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { CALL_FIELDS, type FieldRow, type RowOf } from '../semconv/fields.ts';
import { asArray, asCount, asNumber, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { toMessage } from './gen-ai-message.ts';
import { unknownUsage } from './gen-ai-usage.ts';
import { genAi } from './gen-ai.ts';
import { withInclusion } from './shared/inclusion.ts';
import { type Kind, KIND } from './shared/kind.ts';
import { readProviderRequest } from './shared/provider-request.ts';
import { readAnswer } from './shared/provider-response.ts';
import { namesIn, readBelow, readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';

const SPAN_KIND = 'langsmith.span.kind';
const METADATA = 'langsmith.metadata.';
const USAGE = 'langsmith.usage_metadata';
const INPUT = 'gen_ai.prompt';
const OUTPUT = 'gen_ai.completion';

/** Run types. The operation that the export puts beside them takes retrieval for embedding, and prompts for chats. */
const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['llm', KIND.chat],
  ['embedding', KIND.embedding],
  ['tool', KIND.tool],
  ['retriever', KIND.retriever],
  ['chain', KIND.workflow],
  ['agent', KIND.agent],
]);

type TraceField = 'userId' | 'sessionId' | 'promptName';

/** By the names that its documentation gives to metadata. */
const TRACE_FIELDS: readonly FieldRow<TraceField, string>[] = [
  { field: 'userId', attribute: `${METADATA}user_id`, parse: asString },
  {
    field: 'sessionId',
    attribute: `${METADATA}session_id`,
    former: [`${METADATA}thread_id`, `${METADATA}conversation_id`],
    parse: asString,
  },
  { field: 'promptName', attribute: `${METADATA}lc_hub_repo`, parse: asString },
];

/** Metadata that it adds itself: of the call, of the environment, and the usage. */
const OWN_METADATA = /^langsmith\.metadata\.(?:ls_|LANGSMITH_|LANGCHAIN_|usage_metadata$)/;
const PLACED: ReadonlySet<string> = new Set(namesIn(TRACE_FIELDS));

const number = (value: unknown): number | undefined => asNumber(Number(value));

/** Of a request that was not recorded, what its metadata says, as text. */
const PARAMETER_FIELDS: readonly RowOf<Pick<RequestParameters, 'temperature' | 'maxTokens'>>[] = [
  { field: 'temperature', attribute: `${METADATA}ls_temperature`, parse: number },
  { field: 'maxTokens', attribute: `${METADATA}ls_max_tokens`, parse: number },
];

const PROVIDER: RowOf<Pick<LlmCall, 'provider'>> = {
  field: 'provider',
  attribute: `${METADATA}ls_provider`,
  // A guess by the model's name.
  former: ['gen_ai.system'],
  parse: asString,
};

/** Sums, which are whole, and their parts. */
const SUM_FIELDS: readonly RowOf<Pick<ReportedUsage, 'input' | 'output' | 'total'>>[] = [
  { field: 'input', attribute: 'input_tokens', former: [GEN_AI.inputTokens], parse: asCount },
  { field: 'output', attribute: 'output_tokens', former: [GEN_AI.outputTokens], parse: asCount },
  { field: 'total', attribute: 'total_tokens', former: ['gen_ai.usage.total_tokens'], parse: asCount },
];
const INPUT_DETAILS = 'input_token_details';
const OUTPUT_DETAILS = 'output_token_details';
/** The same once more. */
const PLACED_USAGE: ReadonlySet<string> = new Set(
  [INPUT_DETAILS, OUTPUT_DETAILS].map((name) => GEN_AI.usagePrefix + name),
);

const INPUT_FIELDS: readonly RowOf<
  Pick<ReportedUsage, 'cacheRead' | 'cacheWrite' | 'cacheWrite5m' | 'cacheWrite1h' | 'inputAudio'>
>[] = [
  { field: 'cacheRead', attribute: 'cache_read', parse: asCount },
  { field: 'cacheWrite', attribute: 'cache_creation', parse: asCount },
  { field: 'cacheWrite5m', attribute: 'ephemeral_5m_input_tokens', parse: asCount },
  {
    field: 'cacheWrite1h',
    attribute: 'ephemeral_1h_input_tokens',
    former: ['ephemeral_1hr_input_tokens'],
    parse: asCount,
  },
  { field: 'inputAudio', attribute: 'audio', parse: asCount },
];
const OUTPUT_FIELDS: readonly RowOf<Pick<ReportedUsage, 'reasoning' | 'outputAudio'>>[] = [
  { field: 'reasoning', attribute: 'reasoning', parse: asCount },
  { field: 'outputAudio', attribute: 'audio', parse: asCount },
];

const CARRIED =
  /^(?:langsmith\.(?:metadata|usage_metadata|span\.tags|request\.headers)|gen_ai\.(?:request\.extra_(?:query|body)|serialized))(?:\.|$)/;

/**
 * LangSmith's OpenTelemetry export: runs with what went in and came out, as JSON of whatever was traced.
 * @see https://docs.langchain.com/langsmith/trace-with-opentelemetry
 */
export const langsmith: Dialect = {
  id: 'langsmith',
  recognises: (attributes) => attributes[SPAN_KIND] !== undefined,
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const kind = KINDS.get(attributes[SPAN_KIND]) ?? KIND.other;
    const call = readCall(span, kind);
    return {
      type: kind.type,
      call,
      ...defined({
        input: call.input ? undefined : asString(attributes[INPUT]),
        output: call.output ? undefined : asString(attributes[OUTPUT]),
        tags: readTags(attributes['langsmith.span.tags']),
      }),
      ...readRows<Record<TraceField, string>>(attributes, TRACE_FIELDS),
      metadata: { ...readMetadata(attributes), ...unknownUsage(attributes, PLACED_USAGE) },
    } satisfies DialectReading;
  },
};

function readCall(span: SpanView, { type, operation }: Kind): LlmCall {
  const { attributes } = span;
  const isModel = type === 'generation' || type === 'embedding';
  return {
    operation,
    parameters: {},
    ...(isModel && readRows(attributes, [...CALL_FIELDS, PROVIDER])),
    ...(type === 'generation' && readConversation(attributes)),
    ...readUsage(attributes),
    ...defined({ error: readFailure(span) }),
    problems: [],
  };
}

function readConversation(attributes: SpanAttributes): Partial<LlmCall> & Pick<LlmCall, 'parameters'> {
  const { parameters, requestModel: _stated, ...request } = readProviderRequest(requestOf(attributes));
  const response = asObject(readJson(attributes, OUTPUT)) ?? {};
  const generations = (asArray(response['generations']) ?? []).flat();
  const answers = asObjects(generations).map(({ message = null }) => toMessage(unwrapped(message)));
  return {
    ...request,
    parameters: { ...readRows(attributes, PARAMETER_FIELDS), ...parameters },
    ...(answers.length > 0 ? { output: answers } : readAnswer(response)),
  };
}

/** What a wrapped client was called with; of LangChain, lists of messages, one a prompt. */
function requestOf(attributes: SpanAttributes): JsonObject {
  const inputs = asObject(readJson(attributes, INPUT)) ?? {};
  const request = asObjects(inputs['args'])[0] ?? inputs;
  const messages = asArray(request['messages'])?.flat().map(unwrapped);
  return { ...request, ...defined({ messages }) };
}

/** Roles by the end of the name of LangChain's classes of messages. */
const ROLES: readonly (readonly [name: RegExp, role: string])[] = [
  [/^Human/, 'user'],
  [/^AI/, 'assistant'],
  [/^System/, 'system'],
  [/^Tool/, 'tool'],
];

/** A message of LangChain, which is written with its class and what that was made from; any other as it is. */
function unwrapped(value: Json): Json {
  const { id, kwargs } = asObject(value) ?? {};
  const message = asObject(kwargs);
  const name = asArray(id)?.at(-1);
  if (!message || typeof name !== 'string') return value;
  const role = ROLES.find(([pattern]) => pattern.test(name))?.[1] ?? name;
  const calls = asObjects(message['tool_calls']).map(({ args, ...call }) => defined({ ...call, arguments: args }));
  return { ...message, role, tool_calls: calls };
}

function readUsage(attributes: SpanAttributes): Pick<LlmCall, 'usage'> {
  const usage = asObject(readJson(attributes, USAGE));
  // Without it, the sums of the conventions.
  const sums = readRows(usage ?? attributes, SUM_FIELDS);
  if (Object.keys(sums).length === 0) return {};
  const input = readRows(asObject(usage?.[INPUT_DETAILS]) ?? {}, INPUT_FIELDS);
  const output = readRows(asObject(usage?.[OUTPUT_DETAILS]) ?? {}, OUTPUT_FIELDS);
  const serviceTier = asString(attributes['gen_ai.response.service_tier']);
  return { usage: withInclusion({ ...sums, ...input, ...output, ...defined({ serviceTier }) }) };
}

/** It sets the status to OK first, after which an SDK takes no other: the exception is there all the same. */
function readFailure(span: SpanView): LlmCall['error'] {
  const failed = span.events.some(({ name }) => name === 'exception');
  return readError(failed ? { ...span, status: { ...span.status, code: 2 } } : span);
}

/** `beta, web` */
function readTags(value: unknown): string[] | undefined {
  const tags = asString(value)?.split(', ').filter(Boolean);
  return tags?.length ? tags : undefined;
}

/** What the app says about the run. */
function readMetadata(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, METADATA, (name) => !PLACED.has(name) && !OWN_METADATA.test(name));
}
