import type { Json, JsonObject } from '../model/json.ts';
import type { RequestParameters } from '../model/llm-call.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import {
  asArray,
  asBoolean,
  asCount,
  asNumber,
  asObject,
  asObjects,
  asString,
  asStrings,
  defined,
} from '../util/json-read.ts';
import { withoutMedia } from '../util/media.ts';
import { CohereChatAssembler } from './cohere-stream.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { readChatMessage, readChatTools } from './openai-chat-message.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readOutputType, readUsageObject, textParts } from './reading.ts';

/**
 * Chat in both versions. Version 2 has messages like OpenAI's; version 1 has one `message`, the turns before it in
 * `chat_history`, and tool results beside them.
 * @see https://docs.cohere.com/reference/chat
 */
export const cohereChat: Protocol = {
  id: 'cohere.chat',
  operation: 'chat',
  matches: (path) => path.endsWith('/v2/chat') || path.endsWith('/v1/chat'),
  isForeign: isForeignToCohere,
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new CohereChatAssembler(maxTextLength),
};

const OTHER_PARAMETERS = [
  'tool_choice',
  'strict_tools',
  'safety_mode',
  'citation_options',
  'citation_quality',
  'thinking',
  'prompt_truncation',
  'connectors',
  'search_queries_only',
  'priority',
] as const;

function readRequest(body: JsonObject): RequestReading {
  const input = body.messages === undefined ? turnsOf(body) : asObjects(body.messages).map(readMessage);
  return {
    ...defined({
      requestModel: asString(body.model),
      conversationId: asString(body.conversation_id),
      tools: readTools(body),
    }),
    ...(typeof body.preamble === 'string' && { systemInstructions: textParts(body.preamble) }),
    ...(input.length > 0 && { input }),
    parameters: readCohereParameters(body, OTHER_PARAMETERS),
  };
}

/** Cohere's clients always say whether to stream, and need not name a model; of an app's own API neither is likely. */
export function isForeignToCohere(requestText: string, host: string): boolean {
  return !/cohere/i.test(host) && !/"(?:model|stream)"\s*:/.test(requestText);
}

/** The parameters that chat and generate share. */
export function readCohereParameters(body: JsonObject, otherNames: readonly string[]): RequestParameters {
  return defined({
    temperature: asNumber(body.temperature),
    topP: asNumber(body.p),
    topK: asNumber(body.k),
    maxTokens: asCount(body.max_tokens),
    stopSequences: asStrings(body.stop_sequences),
    seed: asNumber(body.seed),
    frequencyPenalty: asNumber(body.frequency_penalty),
    presencePenalty: asNumber(body.presence_penalty),
    stream: asBoolean(body.stream),
    outputType: readOutputType(body.response_format),
    other: pickParameters(body, otherNames),
  });
}

/** A message of version 2. What the model plans before it calls tools is its reasoning. */
function readMessage(message: JsonObject): Message {
  const read = readChatMessage(message);
  return { ...read, parts: [...textParts(message.tool_plan, 'reasoning'), ...read.parts] };
}

/** The turns of a version 1 request, the new one last. */
function turnsOf(body: JsonObject): Message[] {
  const turns = [...asObjects(body.chat_history), { message: body.message, tool_results: body.tool_results }];
  return turns.map(readTurn).filter(({ parts }) => parts.length > 0);
}

const ROLES: Readonly<Record<string, string>> = { CHATBOT: 'assistant', SYSTEM: 'system', TOOL: 'tool' };

function readTurn(turn: JsonObject): Message {
  const results = asObjects(turn.tool_results).map(toolResult);
  return {
    role: ROLES[asString(turn.role) ?? ''] ?? (results.length > 0 ? 'tool' : 'user'),
    parts: [...textParts(turn.message), ...toolCalls(turn.tool_calls), ...results],
  };
}

/** Calls of version 1 have no id: the name stands for it. */
function toolCalls(value: Json | undefined): MessagePart[] {
  return asObjects(value).map((call) => ({
    type: 'tool_call',
    name: asString(call.name) ?? '',
    ...defined({ arguments: call.parameters }),
  }));
}

function toolResult(result: JsonObject): MessagePart {
  return {
    type: 'tool_call_response',
    ...defined({ id: asString(asObject(result.call)?.name) }),
    response: withoutMedia(asArray(result.outputs) ?? null),
  };
}

/** Tools of version 2 are those of OpenAI; those of version 1 have no type and parameters of their own kind. */
function readTools(body: JsonObject): ToolDefinition[] | undefined {
  return readChatTools({
    tools: asObjects(body.tools).map((tool) =>
      tool.parameter_definitions === undefined ? tool : { ...tool, parameters: tool.parameter_definitions },
    ),
  });
}

function readResponse(body: JsonObject): ResponseReading {
  const finishReason = asString(body.finish_reason) || undefined;
  const message = asObject(body.message);
  const parts = message ? readMessage(message).parts : [...textParts(body.text), ...toolCalls(body.tool_calls)];
  const answered = parts.length > 0 || finishReason !== undefined;
  return {
    ...defined({
      responseId: asString(body.id) ?? asString(body.generation_id),
      error: readErrorObject(body.error),
    }),
    ...(answered && { output: [{ role: 'assistant', parts, ...defined({ finish_reason: finishReason }) }] }),
    ...(finishReason !== undefined && { finishReasons: [finishReason] }),
    ...readUsageObject('cohere', body.usage ?? body.meta),
  };
}
