import type { LlmCall, Operation } from '../model/llm-call.ts';
import type { SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asString, defined } from '../util/json-read.ts';
import { type OwnNames, underConventions } from './shared/conventional.ts';
import type { Dialect, DialectReading, ObservationType } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { withCacheBeside } from './shared/inclusion.ts';
import { readRows } from './shared/rows.ts';

const SCOPE = /^@?openlit(?:[./]|$)/;
/** It names itself on each span, where others do on the resource. */
const SDK_NAME = 'telemetry.sdk.name';

/** Names of its own, by what the conventions have for each. */
const NAMES: OwnNames = {
  'gen_ai.request.is_stream': 'gen_ai.request.stream',
  'gen_ai.request.reasoning_effort': 'gen_ai.request.reasoning.level',
  'gen_ai.request.embedding_dimension': 'gen_ai.embeddings.dimension.count',
  'gen_ai.server.time_to_first_token': 'gen_ai.response.time_to_first_chunk',
  'gen_ai.tool.input': GEN_AI.toolArguments,
  'gen_ai.workflow.input': GEN_AI.toolArguments,
  'gen_ai.retrieval.query.text': GEN_AI.toolArguments,
  'mcp.tool.arguments': GEN_AI.toolArguments,
  'gen_ai.tool.output': GEN_AI.toolResult,
  'gen_ai.workflow.output': GEN_AI.toolResult,
  'gen_ai.retrieval.documents': GEN_AI.toolResult,
  'mcp.tool.result': GEN_AI.toolResult,
  'gen_ai.usage.prompt_tokens_details.cache_read': 'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.prompt_tokens_details.cache_write': 'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.completion_tokens_details.reasoning': 'gen_ai.usage.reasoning.output_tokens',
  'gen_ai.usage.completion_tokens_details.audio': 'gen_ai.usage.audio.output_tokens',
};

/** Operations of its own. Some name a model that is called below them. */
const TYPES: ReadonlyMap<Operation | undefined, ObservationType> = new Map<Operation | undefined, ObservationType>([
  // What an app traces with it.
  [undefined, 'span'],
  ['vectordb', 'retriever'],
  ['execute_task', 'chain'],
  ['mcp_tool_call', 'tool'],
  ['memory', 'span'],
]);

const USER: RowOf<Pick<DialectReading, 'userId'>> = {
  field: 'userId',
  attribute: 'gen_ai.request.user',
  parse: (value) => asString(value) || undefined,
};

/** Providers whose input it passes on as they state it, without the cache. What LangChain states is whole. */
const EXCLUSIVE: ReadonlySet<unknown> = new Set(['anthropic', 'aws.bedrock']);
const WHOLE_SCOPE = /lang(?:chain|graph)/;

/** Content beside that of the conventions, of all frameworks that it traces. */
const CARRIED =
  /^(?:gen_ai\.(?:tool\.(?:args|input|output)|workflow\.(?:input|output)|retrieval\.(?:query|documents)|content|agent\.(?:action|finish|final_result|thinking|memory|next_goal|evaluation|actions)|request\.user)|mcp\.(?:params|result|tool\.(?:arguments|result)))(?:\.|$)/;

/**
 * OpenLIT: the GenAI conventions, with names of its own where those had none, and a cost that it reckons.
 * @see https://docs.openlit.io/latest/sdk/quickstart-ai-observability
 */
export const openlit: Dialect = {
  id: 'openlit',
  recognises: (attributes, scope) => SCOPE.test(scope) || attributes[SDK_NAME] === 'openlit',
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const reading = genAi.read(underConventions(span, NAMES));
    const operation = asString(span.attributes[GEN_AI.operation]);
    return {
      ...reading,
      type: TYPES.get(operation) ?? reading.type,
      ...(reading.call && { call: completed({ ...reading.call, operation: operation ?? 'other' }, span.scope) }),
      ...readRows(span.attributes, [USER]),
    } satisfies DialectReading;
  },
};

/** The address is not where a call went but where its kind of client goes if it is not told otherwise. */
function completed({ server: _assumed, ...call }: LlmCall, scope: SpanView['scope']): LlmCall {
  const { systemInstructions, ...rest } = call;
  // It is among the messages too, where those were recorded.
  const isSaidTwice = call.input?.some(({ role }) => role === 'system') ?? false;
  const isBeside = EXCLUSIVE.has(call.provider) && !WHOLE_SCOPE.test(scope.name);
  return {
    ...rest,
    ...(!isSaidTwice && defined({ systemInstructions })),
    ...(call.usage && isBeside && { usage: withCacheBeside(call.usage) }),
  };
}
