import type { JsonObject } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asArray, asCount, asObject, asObjects, asString, defined, parseJson } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { toTool } from './gen-ai-message.ts';
import { isUsage, unknownUsage } from './gen-ai-usage.ts';
import { asCost } from './shared/cost.ts';
import { withInclusion } from './shared/inclusion.ts';
import { type Kind, KIND } from './shared/kind.ts';
import { readProviderRequest } from './shared/provider-request.ts';
import { readAnswer, readProviderResponse } from './shared/provider-response.ts';
import { readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';
import { timeToEvent } from './shared/time-to-event.ts';

const TYPE = 'mlflow.spanType';
const INPUTS = 'mlflow.spanInputs';
const OUTPUTS = 'mlflow.spanOutputs';
/** What it writes on the spans of others. */
const NO_TYPE = 'null';

const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['LLM', KIND.chat],
  ['CHAT_MODEL', KIND.chat],
  ['EMBEDDING', KIND.embedding],
  ['TOOL', KIND.tool],
  ['AGENT', KIND.agent],
  ['CHAIN', KIND.workflow],
  ['WORKFLOW', KIND.workflow],
  ['RETRIEVER', KIND.retriever],
  ['RERANKER', KIND.reranker],
  ['GUARDRAIL', KIND.guardrail],
  ['EVALUATOR', KIND.evaluator],
]);

/** Providers by the shape of their messages, where nothing else says who it is. Frameworks have shapes too. */
const FORMATS: ReadonlyMap<string | undefined, string> = new Map([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['gemini', 'gcp.gemini'],
  ['bedrock', 'aws.bedrock'],
  ['mistral', 'mistral_ai'],
  ['groq', 'groq'],
]);

type Count = 'input' | 'output' | 'total' | 'cacheRead' | 'cacheWrite' | 'cacheWrite1h';

/** Whole sums, of every provider. */
const COUNT_FIELDS: readonly RowOf<Pick<ReportedUsage, Count>>[] = [
  { field: 'input', attribute: 'input_tokens', parse: asCount },
  { field: 'output', attribute: 'output_tokens', parse: asCount },
  { field: 'total', attribute: 'total_tokens', parse: asCount },
  { field: 'cacheRead', attribute: 'cache_read_input_tokens', parse: asCount },
  { field: 'cacheWrite', attribute: 'cache_creation_input_tokens', parse: asCount },
  { field: 'cacheWrite1h', attribute: 'cache_creation_input_tokens_above_1hr', parse: asCount },
];

/** Its own attributes, and those of a request's parameters that are content, or an app's headers. */
const CARRIED =
  /^(?:mlflow\.(?:spanInputs|spanOutputs|chat\.tools|chat\.tokenUsage|llm\.cost)|tools|functions|system|instructions|prompt|suffix|contents|documents|response_format|text|extra_(?:headers|body|query))$/;

/**
 * MLflow's tracing: what went in and came out, as JSON of whatever was called; every other attribute is JSON as well.
 * @see https://mlflow.org/docs/latest/genai/concepts/span/
 */
export const mlflow: Dialect = {
  id: 'mlflow',
  recognises: (attributes) => attributes[TYPE] !== undefined && attributes[TYPE] !== NO_TYPE,
  carries: (attribute) => CARRIED.test(attribute) || isUsage(attribute),
  carriesEvent: isChunk,
  read: (span) => {
    const { attributes } = span;
    const kind = KINDS.get(readJson(attributes, TYPE)) ?? KIND.other;
    const call = readCall(span, kind);
    return {
      type: kind.type,
      call,
      ...defined({
        input: call.input ? undefined : asString(attributes[INPUTS]),
        // The vectors of an embedding are of no use to a reader.
        output: call.output || kind.type === 'embedding' ? undefined : asString(attributes[OUTPUTS]),
        promptName: readPromptName(attributes),
      }),
      metadata: unknownUsage(attributes),
    } satisfies DialectReading;
  },
};

/** Each chunk of a stream is an event. */
function isChunk(event: string): boolean {
  return event.startsWith('mlflow.chunk.');
}

function readCall(span: SpanView, { type, operation }: Kind): LlmCall {
  const error = readError(span);
  const call = { operation, parameters: {}, ...defined({ error }), problems: [] };
  return type === 'generation' || type === 'embedding' ? { ...call, ...readModelCall(span) } : call;
}

function readModelCall({ attributes, ...span }: SpanView): Pick<LlmCall, 'parameters'> & Partial<LlmCall> {
  const response = asObject(readJson(attributes, OUTPUTS));
  return {
    ...readProviderRequest(asObject(readJson(attributes, INPUTS)) ?? {}),
    ...defined({
      provider: stated(attributes, 'mlflow.llm.provider') ?? FORMATS.get(stated(attributes, 'mlflow.message.format')),
      responseModel: stated(attributes, 'mlflow.llm.model'),
      tools: asArray(readJson(attributes, 'mlflow.chat.tools'))?.map(toTool),
      timeToFirstChunk: timeToEvent(span, isChunk),
    }),
    ...(response && readAnswer(response)),
    ...readUsage(attributes, response),
  };
}

/** The provider's own usage, where its response is the output; else the counts that it makes of it. */
function readUsage(attributes: SpanAttributes, response: JsonObject | undefined): Partial<LlmCall> {
  const cost = defined({ reckonedUsd: asCost(asObject(readJson(attributes, 'mlflow.llm.cost'))?.['total_cost']) });
  const { usage, ...whole } = readProviderResponse(response) ?? {};
  if (usage) return { ...whole, usage: { ...usage, ...cost } };
  const counts = readRows(asObject(readJson(attributes, 'mlflow.chat.tokenUsage')) ?? {}, COUNT_FIELDS);
  return Object.keys(counts).length > 0 ? { usage: withInclusion({ ...counts, ...cost }) } : {};
}

function stated(attributes: SpanAttributes, name: string): string | undefined {
  return asString(readJson(attributes, name));
}

/** Of prompts that were loaded inside the span, the first: a list, and JSON within JSON. */
function readPromptName(attributes: SpanAttributes): string | undefined {
  const prompts = readJson(attributes, 'mlflow.linkedPrompts');
  return asString(asObjects(typeof prompts === 'string' ? parseJson(prompts) : prompts)[0]?.['name']);
}
