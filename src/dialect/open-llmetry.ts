import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { ToolDefinition } from '../model/message.ts';
import type { SpanAttributes } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import type { FieldRow, RowOf } from '../semconv/fields.ts';
import { asBoolean, asNumber, asObjects, asString, asStrings, defined, parseJson } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { type Kind, KIND } from './shared/kind.ts';
import { namesIn, readBelow, readRows } from './shared/rows.ts';
import { unflatten } from './shared/unflatten.ts';

const SPAN_KIND = 'traceloop.span.kind';
const REQUEST_TYPE = 'llm.request.type';
const FUNCTIONS = 'llm.request.functions';
const ASSOCIATED = 'traceloop.association.properties.';

/** What the SDK puts around an app's own work. */
const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['workflow', KIND.workflow],
  ['agent', KIND.agent],
  ['tool', KIND.tool],
  ['task', { type: 'span', operation: 'task' }],
  ['session', { type: 'span', operation: 'session' }],
]);

/** Of calls from before they had an operation. */
const REQUEST_TYPES: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['chat', KIND.chat],
  ['completion', KIND.completion],
  ['embedding', KIND.embedding],
  ['rerank', { type: 'generation', operation: 'rerank' }],
]);

/** Its SDK puts these on every span inside, whatever the span is about: alone they make no LLM span. */
const COMPANIONS = ['traceloop.workflow.name', `${ASSOCIATED}user_id`, `${ASSOCIATED}session_id`] as const;

/** Names of its own that have one in the GenAI conventions by now. */
const PARAMETER_FIELDS: readonly RowOf<
  Pick<RequestParameters, 'topK' | 'frequencyPenalty' | 'presencePenalty' | 'stopSequences' | 'stream'>
>[] = [
  { field: 'topK', attribute: 'llm.top_k', parse: asNumber },
  { field: 'frequencyPenalty', attribute: 'llm.frequency_penalty', parse: asNumber },
  { field: 'presencePenalty', attribute: 'llm.presence_penalty', parse: asNumber },
  { field: 'stopSequences', attribute: 'llm.chat.stop_sequences', parse: asStrings },
  { field: 'stream', attribute: 'llm.is_streaming', parse: asBoolean },
];

type TraceField = 'userId' | 'sessionId' | 'promptName';

const TRACE_FIELDS: readonly FieldRow<TraceField, string>[] = [
  { field: 'userId', attribute: `${ASSOCIATED}user_id`, parse: asString },
  { field: 'sessionId', attribute: `${ASSOCIATED}session_id`, parse: asString },
  { field: 'promptName', attribute: 'traceloop.prompt.key', parse: asString },
];
const PLACED: ReadonlySet<string> = new Set(namesIn(TRACE_FIELDS));

const CARRIED =
  /^(?:traceloop\.(?:entity\.(?:input|output)|association\.properties|prompt\.template|prompt\.template_variables)|llm\.(?:request\.functions|usage))(?:\.|$)/;

/**
 * OpenLLMetry, by Traceloop: its calls follow the GenAI conventions, former or current, and its SDK adds workflows,
 * tasks, agents and tools around them.
 * @see https://github.com/traceloop/openllmetry-js/tree/main/packages/ai-semantic-conventions
 */
export const openLlmetry: Dialect = {
  id: 'open-llmetry',
  recognises: (attributes, scope) =>
    attributes[SPAN_KIND] !== undefined ||
    (COMPANIONS.some((name) => attributes[name] !== undefined) && genAi.recognises(attributes, scope)),
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const reading = genAi.read(span);
    const kind = kindOf(attributes, reading.call);
    return {
      ...reading,
      ...(kind && { type: kind.type }),
      ...(reading.call && { call: completed(reading.call, attributes, kind) }),
      ...defined({
        input: asString(attributes['traceloop.entity.input']) ?? reading.input,
        output: asString(attributes['traceloop.entity.output']) ?? reading.output,
      }),
      ...readRows<Record<TraceField, string>>(attributes, TRACE_FIELDS),
      metadata: { ...readAssociated(attributes), ...reading.metadata },
    } satisfies DialectReading;
  },
};

/** `undefined` where the conventions say what the span is: it has an operation, or at least a model. */
function kindOf(attributes: SpanAttributes, call: LlmCall | undefined): Kind | undefined {
  const entity = KINDS.get(attributes[SPAN_KIND]);
  if (entity || attributes[GEN_AI.operation] !== undefined) return entity;
  const isCall = call?.requestModel !== undefined || call?.responseModel !== undefined;
  return REQUEST_TYPES.get(attributes[REQUEST_TYPE]) ?? (isCall ? undefined : KIND.other);
}

/** The call with what stands under names of OpenLLMetry's own. */
function completed(call: LlmCall, attributes: SpanAttributes, kind: Kind | undefined): LlmCall {
  return {
    ...call,
    ...(kind && { operation: kind.operation }),
    parameters: { ...readRows(attributes, PARAMETER_FIELDS), ...call.parameters },
    ...defined({ tools: call.tools ?? readFunctions(attributes) }),
  };
}

function readFunctions(attributes: SpanAttributes): ToolDefinition[] | undefined {
  const functions = unflatten(attributes, FUNCTIONS);
  return (
    functions &&
    asObjects(functions).flatMap(({ name, description, parameters }) =>
      typeof name === 'string'
        ? [
            {
              type: 'function',
              name,
              ...defined({
                description: asString(description),
                parameters: typeof parameters === 'string' ? (parseJson(parameters) ?? parameters) : parameters,
              }),
            },
          ]
        : [],
    )
  );
}

/** What the app associates with a trace, but for what has a place of its own. */
function readAssociated(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, ASSOCIATED, (name) => !PLACED.has(name));
}
