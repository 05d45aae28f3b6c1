import type { LlmCall } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asCount, asObject, asString, asStrings, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { unknownUsage } from './gen-ai-usage.ts';
import { genAi } from './gen-ai.ts';
import { asCost } from './shared/cost.ts';
import { withInclusion } from './shared/inclusion.ts';
import { readDocuments, readEmbeddedTexts, readMessages, readTags } from './open-inference-content.ts';
import { type Kind, KIND } from './shared/kind.ts';
import { readParameters } from './shared/provider-request.ts';
import { readProviderResponse } from './shared/provider-response.ts';
import { namesIn, readBelow, readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';
import { timeToEvent } from './shared/time-to-event.ts';

const SPAN_KIND = 'openinference.span.kind';

const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['LLM', KIND.chat],
  ['EMBEDDING', KIND.embedding],
  ['AGENT', KIND.agent],
  ['TOOL', KIND.tool],
  ['CHAIN', KIND.workflow],
  ['RETRIEVER', KIND.retriever],
  ['RERANKER', KIND.reranker],
  ['GUARDRAIL', KIND.guardrail],
  ['EVALUATOR', KIND.evaluator],
]);

const CALL_FIELDS: readonly RowOf<Pick<LlmCall, 'provider' | 'requestModel' | 'responseModel' | 'finishReasons'>>[] = [
  { field: 'provider', attribute: 'llm.provider', former: ['llm.system'], parse: asString },
  { field: 'requestModel', attribute: 'llm.request.model_name', parse: asString },
  {
    field: 'responseModel',
    attribute: 'llm.response.model_name',
    // Of the request until there is a response, then of the response.
    former: ['llm.model_name', 'embedding.model_name', 'reranker.model_name'],
    parse: asString,
  },
  { field: 'finishReasons', attribute: 'llm.finish_reason', parse: asStrings },
];

type Count = 'input' | 'output' | 'total' | 'cacheRead' | 'cacheWrite' | 'inputAudio' | 'reasoning' | 'outputAudio';

const COUNT_PREFIX = 'llm.token_count.';

/** The prompt is meant to include the cache, and the completion the reasoning. */
const COUNT_FIELDS: readonly RowOf<Pick<ReportedUsage, Count>>[] = [
  { field: 'input', attribute: 'llm.token_count.prompt', parse: asCount },
  { field: 'output', attribute: 'llm.token_count.completion', parse: asCount },
  { field: 'total', attribute: 'llm.token_count.total', parse: asCount },
  { field: 'cacheRead', attribute: 'llm.token_count.prompt_details.cache_read', parse: asCount },
  { field: 'cacheWrite', attribute: 'llm.token_count.prompt_details.cache_write', parse: asCount },
  { field: 'inputAudio', attribute: 'llm.token_count.prompt_details.audio', parse: asCount },
  { field: 'reasoning', attribute: 'llm.token_count.completion_details.reasoning', parse: asCount },
  { field: 'outputAudio', attribute: 'llm.token_count.completion_details.audio', parse: asCount },
];
const KNOWN_COUNTS: ReadonlySet<string> = new Set(namesIn(COUNT_FIELDS));

/** What an instrumentation, or a library it traces, makes of the tokens with a price list of its own. */
const COST_FIELDS: readonly RowOf<Pick<ReportedUsage, 'reckonedUsd'>>[] = [
  {
    field: 'reckonedUsd',
    attribute: 'llm.cost.total',
    parse: asCost,
  },
];

const CARRIED =
  /^(?:(?:input|output)\.(?:value|mime_type|images)|llm\.(?:input_messages|output_messages|prompts|choices|tools|function_call|invocation_parameters|token_count|cost|prompt_template\.(?:template|variables))|embedding\.(?:embeddings|text|vector)|retrieval\.documents|reranker\.(?:input_documents|output_documents|query)|tool\.(?:parameters|json_schema)|metadata|tag\.tags)(?:\.|$)/;

/**
 * OpenInference, by Arize: Phoenix, its instrumentations and what an app traces with its core package. Where a span
 * also has attributes of the GenAI conventions (those of this package among them) they hold: they say more.
 * @see https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
 */
export const openInference: Dialect = {
  id: 'open-inference',
  recognises: (attributes) => attributes[SPAN_KIND] !== undefined,
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const kind = KINDS.get(attributes[SPAN_KIND]) ?? KIND.other;
    const conventions = genAi.recognises(attributes, span.scope.name) ? genAi.read(span) : undefined;
    const call = merge(readCall(span, kind), attributes, conventions?.call);
    return {
      type: kind.type,
      call,
      ...defined({
        input: call.input ? undefined : (readInput(attributes) ?? conventions?.input),
        output: call.output ? undefined : (readOutput(attributes) ?? conventions?.output),
        tags: readTags(attributes['tag.tags']),
        promptName: conventions?.promptName,
      }),
      metadata: { ...readMetadata(attributes), ...unknownCounts(attributes), ...unknownUsage(attributes) },
    } satisfies DialectReading;
  },
};

/** Of instrumentations that say when a stream began to answer. */
function isFirstToken(event: string): boolean {
  return event === 'First Token Stream Event';
}

function merge(call: LlmCall, attributes: SpanAttributes, stated: LlmCall | undefined): LlmCall {
  if (!stated) return call;
  return {
    ...call,
    ...stated,
    operation: asString(attributes[GEN_AI.operation]) ?? call.operation,
    parameters: { ...call.parameters, ...stated.parameters },
  };
}

function readCall(span: SpanView, { type, operation }: Kind): LlmCall {
  const { attributes } = span;
  const invocation = asObject(readJson(attributes, 'llm.invocation_parameters')) ?? {};
  // Anthropic's system prompt and that of OpenAI's Responses are parameters and no messages.
  const system = asString(invocation['system']) ?? asString(invocation['instructions']);
  return {
    operation,
    ...defined({ requestModel: asString(invocation['model']) }),
    ...readRows(attributes, CALL_FIELDS),
    parameters: readParameters(invocation),
    ...(system !== undefined && { systemInstructions: [{ type: 'text', content: system }] }),
    ...readMessages(attributes),
    ...((type === 'generation' && readResponseUsage(attributes)) || readCounts(attributes)),
    ...defined({ timeToFirstChunk: timeToEvent(span, isFirstToken), error: readError(span) }),
    problems: [],
  };
}

/** The provider's own usage, of a call that was not streamed: the output is then the response as it came. */
function readResponseUsage(attributes: SpanAttributes): Pick<LlmCall, 'usage' | 'rawUsage'> | undefined {
  const { usage, rawUsage } = readProviderResponse(readJson(attributes, 'output.value')) ?? {};
  return usage && rawUsage && { usage: { ...readRows(attributes, COST_FIELDS), ...usage }, rawUsage };
}

function readCounts(attributes: SpanAttributes): Pick<LlmCall, 'usage'> {
  const counts = { ...readRows(attributes, COUNT_FIELDS), ...readRows(attributes, COST_FIELDS) };
  return Object.keys(counts).length > 0 ? { usage: withInclusion(counts) } : {};
}

/** Counts that we cannot place: shown, and in no sum. */
function unknownCounts(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, 'llm.', (name) => name.startsWith(COUNT_PREFIX) && !KNOWN_COUNTS.has(name));
}

function readMetadata(attributes: SpanAttributes): Record<string, unknown> {
  const metadata = attributes['metadata'];
  if (metadata === undefined) return {};
  return asObject(readJson(attributes, 'metadata')) ?? { metadata };
}

function readInput(attributes: SpanAttributes): string | undefined {
  const query = asString(attributes['reranker.query']);
  const documents = readDocuments(attributes, 'reranker.input_documents');
  return (
    asString(attributes['input.value']) ??
    jsonText(query === undefined && !documents ? undefined : defined({ query, documents })) ??
    jsonText(readEmbeddedTexts(attributes)) ??
    asString(attributes['tool.parameters'])
  );
}

/** Documents before the plain output: they have the scores, and the output is often their text once more. */
function readOutput(attributes: SpanAttributes): string | undefined {
  const documents =
    readDocuments(attributes, 'retrieval.documents') ?? readDocuments(attributes, 'reranker.output_documents');
  return jsonText(documents) ?? asString(attributes['output.value']);
}

function jsonText(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
