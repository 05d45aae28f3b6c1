import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asBoolean, asCount, asNumber, asString, asStrings } from '../util/json-read.ts';
import { GEN_AI } from './attributes.ts';

/** One attribute that carries one field as it is: the same row writes it and reads it. */
export interface FieldRow<Field extends string, Value> {
  readonly field: Field;
  /** Its name in the current conventions. */
  readonly attribute: string;
  /** Names that earlier conventions and instrumentations gave it, most recent first. Read, never written. */
  readonly former?: readonly string[];
  readonly parse: (value: unknown) => Value | undefined;
}

/** A row for any one field of a type. */
export type RowOf<T> = { [Field in keyof T & string]-?: FieldRow<Field, NonNullable<T[Field]>> }[keyof T & string];

type CallField =
  | 'provider'
  | 'requestModel'
  | 'responseModel'
  | 'responseId'
  | 'conversationId'
  | 'finishReasons'
  | 'timeToFirstChunk';

export const CALL_FIELDS: readonly RowOf<Pick<LlmCall, CallField>>[] = [
  { field: 'provider', attribute: 'gen_ai.provider.name', former: ['gen_ai.system'], parse: asString },
  { field: 'requestModel', attribute: 'gen_ai.request.model', parse: asString },
  { field: 'responseModel', attribute: 'gen_ai.response.model', parse: asString },
  { field: 'responseId', attribute: 'gen_ai.response.id', parse: asString },
  { field: 'conversationId', attribute: 'gen_ai.conversation.id', parse: asString },
  {
    field: 'finishReasons',
    attribute: 'gen_ai.response.finish_reasons',
    former: ['gen_ai.response.finish_reason'],
    parse: asStrings,
  },
  {
    field: 'timeToFirstChunk',
    attribute: 'gen_ai.response.time_to_first_chunk',
    former: ['gen_ai.client.operation.time_to_first_chunk'],
    parse: asNumber,
  },
];

export const PARAMETER_FIELDS: readonly RowOf<Omit<RequestParameters, 'other'>>[] = [
  { field: 'temperature', attribute: 'gen_ai.request.temperature', parse: asNumber },
  { field: 'topP', attribute: 'gen_ai.request.top_p', parse: asNumber },
  { field: 'topK', attribute: 'gen_ai.request.top_k', parse: asNumber },
  { field: 'maxTokens', attribute: 'gen_ai.request.max_tokens', parse: asNumber },
  { field: 'stopSequences', attribute: 'gen_ai.request.stop_sequences', parse: asStrings },
  { field: 'seed', attribute: 'gen_ai.request.seed', former: ['gen_ai.openai.request.seed'], parse: asNumber },
  { field: 'frequencyPenalty', attribute: 'gen_ai.request.frequency_penalty', parse: asNumber },
  { field: 'presencePenalty', attribute: 'gen_ai.request.presence_penalty', parse: asNumber },
  { field: 'choiceCount', attribute: 'gen_ai.request.choice.count', parse: asNumber },
  { field: 'stream', attribute: 'gen_ai.request.stream', parse: asBoolean },
  {
    field: 'outputType',
    attribute: 'gen_ai.output.type',
    former: ['gen_ai.openai.request.response_format'],
    parse: asString,
  },
  {
    field: 'serviceTier',
    attribute: 'openai.request.service_tier',
    former: ['gen_ai.openai.request.service_tier'],
    parse: asString,
  },
  { field: 'reasoningLevel', attribute: 'gen_ai.request.reasoning.level', parse: asString },
  { field: 'encodingFormats', attribute: 'gen_ai.request.encoding_formats', parse: asStrings },
  { field: 'dimensions', attribute: 'gen_ai.embeddings.dimension.count', parse: asNumber },
];

type UsageField =
  | 'cacheRead'
  | 'cacheWrite'
  | 'cacheReadAudio'
  | 'cacheReadImage'
  | 'inputText'
  | 'inputAudio'
  | 'inputImage'
  | 'inputVideo'
  | 'reasoning'
  | 'outputText'
  | 'outputAudio'
  | 'outputImage';

/** Parts of the two sums; `input` and `output` themselves follow a rule and are not here. */
export const USAGE_FIELDS: readonly RowOf<Pick<ReportedUsage, UsageField>>[] = [
  {
    field: 'cacheRead',
    attribute: 'gen_ai.usage.cache_read.input_tokens',
    former: ['gen_ai.usage.cache_read_input_tokens'],
    parse: asCount,
  },
  {
    field: 'cacheWrite',
    attribute: 'gen_ai.usage.cache_write.input_tokens',
    former: [
      'gen_ai.usage.cache_creation.input_tokens',
      'gen_ai.usage.cache_creation_input_tokens',
      'gen_ai.usage.cache_write_input_tokens',
    ],
    parse: asCount,
  },
  { field: 'cacheReadAudio', attribute: 'gen_ai.usage.audio.cache_read.input_tokens', parse: asCount },
  { field: 'cacheReadImage', attribute: 'gen_ai.usage.image.cache_read.input_tokens', parse: asCount },
  { field: 'inputText', attribute: 'gen_ai.usage.text.input_tokens', parse: asCount },
  { field: 'inputAudio', attribute: 'gen_ai.usage.audio.input_tokens', parse: asCount },
  { field: 'inputImage', attribute: 'gen_ai.usage.image.input_tokens', parse: asCount },
  { field: 'inputVideo', attribute: 'gen_ai.usage.video.input_tokens', parse: asCount },
  {
    field: 'reasoning',
    attribute: 'gen_ai.usage.reasoning.output_tokens',
    former: ['gen_ai.usage.reasoning_tokens'],
    parse: asCount,
  },
  { field: 'outputText', attribute: 'gen_ai.usage.text.output_tokens', parse: asCount },
  { field: 'outputAudio', attribute: 'gen_ai.usage.audio.output_tokens', parse: asCount },
  { field: 'outputImage', attribute: 'gen_ai.usage.image.output_tokens', parse: asCount },
];

/** Where the tier that served a call is found: `openai.*` is for OpenAI's own API only. */
export const OPENAI_SERVICE_TIER: RowOf<Pick<ReportedUsage, 'serviceTier'>> = {
  field: 'serviceTier',
  attribute: 'openai.response.service_tier',
  former: ['gen_ai.openai.response.service_tier'],
  parse: asString,
};

/** The two sums, and a total that earlier conventions had: read only, for writing follows a rule of its own. */
export const SUM_FIELDS: readonly RowOf<Pick<ReportedUsage, 'input' | 'output' | 'total'>>[] = [
  { field: 'input', attribute: GEN_AI.inputTokens, former: ['gen_ai.usage.prompt_tokens'], parse: asCount },
  { field: 'output', attribute: GEN_AI.outputTokens, former: ['gen_ai.usage.completion_tokens'], parse: asCount },
  {
    field: 'total',
    attribute: 'gen_ai.usage.total_tokens',
    former: ['llm.usage.total_tokens'],
    parse: asCount,
  },
];

/** The prompt template a call was made from. */
export const PROMPT_NAME: FieldRow<'promptName', string> = {
  field: 'promptName',
  attribute: 'gen_ai.prompt.name',
  parse: asString,
};
