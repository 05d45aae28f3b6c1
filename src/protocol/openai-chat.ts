import type { JsonObject } from '../model/json.ts';
import type { RequestParameters } from '../model/llm-call.ts';
import { asBoolean, asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { deploymentOf } from './api-path.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { readChatMessage, readChatTools, readChoice } from './openai-chat-message.ts';
import { ChatStreamAssembler } from './openai-chat-stream.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readOutputType, readUsageObject } from './reading.ts';

/**
 * Chat completions, of OpenAI, Azure and everyone who copies them. Mistral's agents and Snowflake Cortex answer so at
 * paths of their own, and Writer at one that is Cohere's elsewhere.
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export const openaiChat: Protocol = {
  id: 'openai.chat',
  operation: 'chat',
  matches: (path, host) =>
    path.endsWith('/chat/completions') ||
    path.endsWith('/v1/agents/completions') ||
    path.endsWith('/cortex/inference:complete') ||
    (path.endsWith('/v1/chat') && WRITER_HOST.test(host)),
  readRequest,
  readResponse: (body) => readChoicesResponse(body, 'openai.chat'),
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new ChatStreamAssembler(maxTextLength),
};

const WRITER_HOST = /(?:^|\.)writer\.com(?::\d+)?$/i;

const OTHER_PARAMETERS = [
  'tool_choice',
  'parallel_tool_calls',
  'top_k',
  'min_p',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'verbosity',
  'modalities',
  'store',
  'prompt_cache_key',
  'prompt_cache_retention',
  'web_search_options',
  'thinking',
  'agent_id',
] as const;

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  const messages = asObjects(body.messages);
  return {
    parameters: readSamplingParameters(body, OTHER_PARAMETERS, path),
    ...defined({
      requestModel: asString(body.model),
      tools: readChatTools(body),
      input: messages.length > 0 ? messages.map(readChatMessage) : undefined,
    }),
  };
}

/** The parameters that chat and legacy completions share. */
export function readSamplingParameters(
  body: JsonObject,
  otherNames: readonly string[],
  path: string,
): RequestParameters {
  const choiceCount = asCount(body.n);
  return defined({
    temperature: asNumber(body.temperature),
    topP: asNumber(body.top_p),
    maxTokens: asCount(body.max_completion_tokens) ?? asCount(body.max_tokens),
    stopSequences: asStrings(body.stop),
    seed: asNumber(body.seed) ?? asNumber(body.random_seed), // the latter: Mistral
    frequencyPenalty: asNumber(body.frequency_penalty),
    presencePenalty: asNumber(body.presence_penalty),
    choiceCount: choiceCount === 1 ? undefined : choiceCount,
    stream: asBoolean(body.stream),
    outputType: readOutputType(body.response_format),
    serviceTier: asString(body.service_tier),
    reasoningLevel: asString(body.reasoning_effort) ?? asString(asObject(body.reasoning)?.effort),
    other: pickParameters({ ...body, deployment: deploymentOf(path) }, [...otherNames, 'deployment']),
  });
}

/** Reads a response made of choices: a chat completion or a legacy completion. */
export function readChoicesResponse(body: JsonObject, format: string): ResponseReading {
  const choices = asObjects(body.choices);
  const output = choices.map(readChoice);
  const finishReasons = output.map((message) => message.finish_reason).filter((reason) => reason !== undefined);
  // OpenRouter reports the failure of an upstream provider on the choice.
  const failed = choices.find((choice) => choice.error)?.error;
  return defined({
    responseModel: asString(body.model) || undefined,
    responseId: asString(body.id) || undefined,
    error: readErrorObject(body.error ?? failed),
    output: output.length > 0 ? output : undefined,
    finishReasons: finishReasons.length > 0 ? finishReasons : undefined,
    ...readUsageObject(format, body.usage, defined({ serviceTier: asString(body.service_tier) })),
  });
}
