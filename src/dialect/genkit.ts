import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { modalityOf, uriPart } from '../util/media.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { isUsage, unknownUsage } from './gen-ai-usage.ts';
import { withInclusion } from './shared/inclusion.ts';
import { type Kind, KIND } from './shared/kind.ts';
import { readProviderResponse } from './shared/provider-response.ts';
import { readBelow, readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';

const TYPE = 'genkit:type';
const METADATA = 'genkit:metadata:';
const SUBTYPE = `${METADATA}subtype`;
const NAME = 'genkit:name';
const INPUT = 'genkit:input';
const OUTPUT = 'genkit:output';

/** By subtype, of actions. */
const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['model', KIND.chat],
  ['background-model', KIND.chat],
  ['embedder', KIND.embedding],
  ['tool', KIND.tool],
  ['flow', KIND.workflow],
  ['agent', KIND.agent],
  ['prompt', KIND.workflow],
  ['executable-prompt', KIND.workflow],
  ['retriever', KIND.retriever],
  ['reranker', KIND.reranker],
  ['evaluator', KIND.evaluator],
]);
/** What is around a call of a model, with its retries and tools. */
const GENERATE: Kind = { ...KIND.workflow };

/** Plugins, which are the first part of a model's name, by the provider behind them. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['googleai', 'gcp.gemini'],
  ['vertexai', 'gcp.vertex_ai'],
  ['xai', 'x_ai'],
  ['mistral', 'mistral_ai'],
]);

const PARAMETER_FIELDS: readonly RowOf<
  Pick<
    RequestParameters,
    'temperature' | 'topP' | 'topK' | 'maxTokens' | 'stopSequences' | 'frequencyPenalty' | 'presencePenalty' | 'seed'
  >
>[] = [
  { field: 'temperature', attribute: 'temperature', parse: asNumber },
  { field: 'topP', attribute: 'topP', former: ['top_p'], parse: asNumber },
  { field: 'topK', attribute: 'topK', former: ['top_k'], parse: asNumber },
  { field: 'maxTokens', attribute: 'maxOutputTokens', former: ['max_tokens'], parse: asNumber },
  { field: 'stopSequences', attribute: 'stopSequences', parse: asStrings },
  { field: 'frequencyPenalty', attribute: 'frequencyPenalty', parse: asNumber },
  { field: 'presencePenalty', attribute: 'presencePenalty', parse: asNumber },
  { field: 'seed', attribute: 'seed', parse: asNumber },
];

type Count = 'input' | 'output' | 'total' | 'cacheRead' | 'cacheWrite' | 'reasoning';

/** Of a plugin that does not pass on the provider's response. What is custom is under the provider's names. */
const COUNT_FIELDS: readonly RowOf<Pick<ReportedUsage, Count>>[] = [
  { field: 'input', attribute: 'inputTokens', parse: asCount },
  { field: 'output', attribute: 'outputTokens', parse: asCount },
  { field: 'total', attribute: 'totalTokens', parse: asCount },
  { field: 'cacheRead', attribute: 'cachedContentTokens', former: ['cache_read_input_tokens'], parse: asCount },
  { field: 'cacheWrite', attribute: 'cache_creation_input_tokens', parse: asCount },
  { field: 'reasoning', attribute: 'thoughtsTokens', parse: asCount },
];

const CARRIED = /^genkit:(?:input|output|init|metadata:)/;

/**
 * Genkit, by Google: what each action of it was given and what it gave, as JSON. That of a model has the provider's own
 * response, with its usage.
 * @see https://genkit.dev/docs/observability/advanced-configuration/
 */
export const genkit: Dialect = {
  id: 'genkit',
  recognises: (attributes) => attributes[TYPE] !== undefined,
  carries: (attribute) => CARRIED.test(attribute) || isUsage(attribute),
  carriesEvent: () => false,
  read: (span) => {
    const { attributes } = span;
    const kind = kindOf(attributes);
    const { input, output } = isConversation(kind) ? {} : contentOf(attributes);
    return {
      type: kind.type,
      call: readCall(span, kind),
      ...defined({ input, output, sessionId: asString(attributes['genkit:sessionId']) }),
      metadata: { ...readMetadata(attributes), ...unknownUsage(attributes) },
    } satisfies DialectReading;
  },
};

function kindOf(attributes: SpanAttributes): Kind {
  const kind = KINDS.get(attributes[SUBTYPE]);
  return kind ?? (attributes[TYPE] === 'util' && attributes[NAME] === 'generate' ? GENERATE : KIND.other);
}

/** Whether what goes in and comes out are messages. */
function isConversation(kind: Kind): boolean {
  return kind.type === 'generation' || kind === GENERATE;
}

function readCall(span: SpanView, kind: Kind): LlmCall {
  const { attributes } = span;
  const request = isConversation(kind) ? asObject(readJson(attributes, INPUT)) : undefined;
  const response = isConversation(kind) ? asObject(readJson(attributes, OUTPUT)) : undefined;
  return {
    operation: kind.operation,
    ...(isModel(kind) && readModel(attributes)),
    parameters: readRows(asObject(request?.['config']) ?? {}, PARAMETER_FIELDS),
    ...readMessages(request, response),
    // What is around a call says its usage a second time.
    ...(isModel(kind) &&
      response &&
      (readProviderResponse(response['raw'] ?? response['custom']) ?? readCounts(response))),
    ...defined({ error: readError(span) }),
    problems: [],
  };
}

function isModel({ type }: Kind): boolean {
  return type === 'generation' || type === 'embedding';
}

/** `openai/gpt-4o-mini`: the plugin, and what it calls the model. */
function readModel(attributes: SpanAttributes): Pick<LlmCall, 'provider' | 'requestModel'> {
  const name = asString(attributes[NAME]) ?? '';
  const end = name.indexOf('/');
  const plugin = name.slice(0, Math.max(end, 0));
  return defined({
    provider: plugin === '' ? undefined : (PROVIDERS.get(plugin) ?? plugin),
    requestModel: name.slice(end + 1) || undefined,
  });
}

function readCounts({ usage }: JsonObject): Pick<LlmCall, 'usage'> {
  const stated = asObject(usage) ?? {};
  const counts = readRows({ ...asObject(stated['custom']), ...stated }, COUNT_FIELDS);
  return Object.keys(counts).length > 0 ? { usage: withInclusion(counts) } : {};
}

function readMessages(
  request: JsonObject | undefined,
  response: JsonObject | undefined,
): Pick<LlmCall, 'input' | 'tools' | 'output' | 'finishReasons'> {
  const answer = asObject(response?.['message']) ?? asObject(asObjects(response?.['candidates'])[0]?.['message']);
  const reason =
    asString(response?.['finishReason']) ?? asString(asObjects(response?.['candidates'])[0]?.['finishReason']);
  return defined({
    input: request?.['messages'] === undefined ? undefined : asObjects(request['messages']).map(toMessage),
    tools: toTools(request?.['tools']),
    output: answer && [{ ...toMessage(answer), ...defined({ finish_reason: reason }) }],
    finishReasons: reason === undefined ? undefined : [reason],
  });
}

/** Of a model its answers are its own; all others call it the assistant. */
function toMessage({ role, content }: JsonObject): Message {
  const name = asString(role) ?? 'unknown';
  return { role: name === 'model' ? 'assistant' : name, parts: asObjects(content).map(toPart) };
}

function toPart(part: JsonObject): MessagePart {
  for (const [key, read] of PARTS) if (part[key] !== undefined) return read(part[key]);
  return { type: 'other', content: part };
}

/** Parts by the one property that they have. */
const PARTS: readonly (readonly [key: string, read: (value: Json) => MessagePart])[] = [
  ['text', (text) => ({ type: 'text', content: String(text) })],
  ['reasoning', (text) => ({ type: 'reasoning', content: String(text) })],
  ['media', readMedia],
  ['toolRequest', readToolRequest],
  ['toolResponse', readToolResponse],
];

function readMedia(value: Json): MessagePart {
  const { url, contentType } = asObject(value) ?? {};
  return uriPart(modalityOf(asString(contentType)), asString(url) ?? '');
}

function readToolRequest(value: Json): MessagePart {
  const { name, ref, input } = asObject(value) ?? {};
  return {
    type: 'tool_call',
    name: asString(name) ?? 'unknown',
    ...defined({ id: asString(ref), arguments: input }),
  };
}

function readToolResponse(value: Json): MessagePart {
  const { ref, output = null } = asObject(value) ?? {};
  return { type: 'tool_call_response', ...defined({ id: asString(ref) }), response: output };
}

/** Of a call, with their schemas; what is around it has only their names. */
function toTools(tools: Json | undefined): ToolDefinition[] | undefined {
  const definitions = asObjects(tools).flatMap(({ name, description, inputSchema }) =>
    typeof name === 'string'
      ? [{ type: 'function', name, ...defined({ description: asString(description), parameters: inputSchema }) }]
      : [],
  );
  return definitions.length > 0 ? definitions : undefined;
}

/** The vectors of an embedding are of no use to a reader. */
function contentOf(attributes: SpanAttributes): Pick<DialectReading, 'input' | 'output'> {
  const isEmbedding = attributes[SUBTYPE] === 'embedder';
  return defined({
    input: asString(attributes[INPUT]),
    output: isEmbedding ? undefined : asString(attributes[OUTPUT]),
  });
}

/** What the app says about the action. */
function readMetadata(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, METADATA, (name) => name !== SUBTYPE);
}
