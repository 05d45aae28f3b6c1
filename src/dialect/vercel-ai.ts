import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asNumber, asObject, asString, asStrings, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { unknownUsage } from './gen-ai-usage.ts';
import { genAi } from './gen-ai.ts';
import { type Kind, KIND } from './shared/kind.ts';
import { readBelow, readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';
import { readContent } from './vercel-ai-content.ts';
import { readUsageOf, unknownSdkUsage } from './vercel-ai-usage.ts';

const OPERATION_ID = 'ai.operationId';
const METADATA = 'ai.telemetry.metadata.';

interface SdkKind extends Kind {
  stream?: true;
  /** What the app called: it encloses the calls of a model and repeats what they report. */
  isRun?: true;
}

const KINDS: ReadonlyMap<unknown, SdkKind> = new Map<unknown, SdkKind>([
  ['ai.generateText', { ...KIND.agent, isRun: true }],
  ['ai.generateText.doGenerate', KIND.chat],
  ['ai.streamText', { ...KIND.agent, isRun: true }],
  ['ai.streamText.doStream', { ...KIND.chat, stream: true }],
  ['ai.generateObject', { ...KIND.workflow, isRun: true }],
  ['ai.generateObject.doGenerate', KIND.chat],
  ['ai.streamObject', { ...KIND.workflow, isRun: true }],
  ['ai.streamObject.doStream', { ...KIND.chat, stream: true }],
  ['ai.embed', { ...KIND.workflow, isRun: true }],
  ['ai.embed.doEmbed', KIND.embedding],
  ['ai.embedMany', { ...KIND.workflow, isRun: true }],
  ['ai.embedMany.doEmbed', KIND.embedding],
  ['ai.rerank', { ...KIND.workflow, isRun: true }],
  ['ai.rerank.doRerank', { type: 'generation', operation: 'rerank' }],
  ['ai.toolCall', KIND.tool],
]);
/** Operations newer than this package. */
const OTHER_KIND: SdkKind = { ...KIND.other, isRun: true };

type CallField = 'provider' | 'requestModel' | 'responseModel' | 'responseId' | 'finishReasons' | 'timeToFirstChunk';

const CALL_FIELDS: readonly RowOf<Pick<LlmCall, CallField>>[] = [
  { field: 'provider', attribute: 'ai.model.provider', parse: asString },
  { field: 'requestModel', attribute: 'ai.model.id', parse: asString },
  { field: 'responseModel', attribute: 'ai.response.model', parse: asString },
  { field: 'responseId', attribute: 'ai.response.id', parse: asString },
  { field: 'finishReasons', attribute: 'ai.response.finishReason', parse: asStrings },
  {
    field: 'timeToFirstChunk',
    attribute: 'ai.response.msToFirstChunk',
    // Of a streamed object.
    former: ['ai.stream.msToFirstChunk'],
    parse: (milliseconds) => (asNumber(milliseconds) === undefined ? undefined : Number(milliseconds) / 1000),
  },
];

const PARAMETER_FIELDS: readonly RowOf<Omit<RequestParameters, 'other'>>[] = [
  { field: 'temperature', attribute: 'ai.settings.temperature', parse: asNumber },
  { field: 'topP', attribute: 'ai.settings.topP', parse: asNumber },
  { field: 'topK', attribute: 'ai.settings.topK', parse: asNumber },
  {
    field: 'maxTokens',
    attribute: 'ai.settings.maxOutputTokens',
    // ai 4
    former: ['ai.settings.maxTokens'],
    parse: asNumber,
  },
  { field: 'stopSequences', attribute: 'ai.settings.stopSequences', parse: asStrings },
  { field: 'seed', attribute: 'ai.settings.seed', parse: asNumber },
  { field: 'frequencyPenalty', attribute: 'ai.settings.frequencyPenalty', parse: asNumber },
  { field: 'presencePenalty', attribute: 'ai.settings.presencePenalty', parse: asNumber },
];

/** Telemetry metadata of the app that Langfuse has places for, by the names its documentation gave them. */
const TRACE_FIELDS: readonly RowOf<Pick<DialectReading, 'userId' | 'sessionId' | 'tags'>>[] = [
  { field: 'userId', attribute: `${METADATA}userId`, parse: asString },
  { field: 'sessionId', attribute: `${METADATA}sessionId`, parse: asString },
  { field: 'tags', attribute: `${METADATA}tags`, parse: asStrings },
];
const PROMPT = `${METADATA}langfusePrompt`;
const PLACED: ReadonlySet<string> = new Set([...TRACE_FIELDS.map(({ attribute }) => attribute), PROMPT]);

/**
 * Content, usage and metadata; and what is never sent: vectors, headers of the app's requests, and schemas and
 * documents, which are content without a place in messages.
 */
const CARRIED =
  /^ai\.(?:usage|prompt|schema|values?|embeddings?|documents|ranking|toolCall\.(?:args|result)|response\.(?:text|reasoning|object|toolCalls|files|providerMetadata)|telemetry\.metadata|request\.headers)(?:\.|$)/;

/**
 * The Vercel AI SDK, versions 4 to 6. Spans of its calls also have a few attributes of the former GenAI conventions,
 * which lack everything but the model and two sums.
 * @see https://ai-sdk.dev/docs/ai-sdk-core/telemetry
 */
export const vercelAi: Dialect = {
  id: 'vercel-ai',
  recognises: (attributes) => asString(attributes[OPERATION_ID])?.startsWith('ai.') ?? false,
  // Sentry puts the messages of these spans under the names of the conventions as well.
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: () => false,
  read: (span) => {
    const { attributes } = span;
    const kind = KINDS.get(attributes[OPERATION_ID]) ?? OTHER_KIND;
    return {
      type: kind.type,
      call: readCall(span, kind),
      ...readRows(attributes, TRACE_FIELDS),
      ...defined({
        input: asString(attributes['ai.toolCall.args']),
        output: asString(attributes['ai.toolCall.result']),
        promptName: asString(asObject(readJson(attributes, PROMPT))?.name),
      }),
      metadata: { ...readMetadata(attributes), ...unknownSdkUsage(attributes), ...unknownUsage(attributes) },
    } satisfies DialectReading;
  },
};

function readCall(span: SpanView, { operation, stream, isRun }: SdkKind): LlmCall {
  const { attributes } = span;
  return {
    operation,
    ...readRows(attributes, CALL_FIELDS),
    parameters: { ...readRows(attributes, PARAMETER_FIELDS), ...defined({ stream }) },
    ...readContent(attributes),
    ...readUsageOf(attributes, isRun === true),
    ...defined({ error: readError(span) }),
    problems: [],
  };
}

function readMetadata(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, METADATA, (name) => !PLACED.has(name));
}
