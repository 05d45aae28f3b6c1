import type { JsonObject } from '../model/json.ts';
import type { Message, MessagePart, OutputMessage, ToolDefinition } from '../model/message.ts';
import { asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { readContent, toolCallPart } from './openai-content.ts';
import { parseArguments, readToolResponse, textParts } from './reading.ts';

/** Reads a message of a request or of a choice. */
export function readChatMessage(message: JsonObject): Message {
  const role = asString(message.role) ?? 'assistant';
  const name = asString(message.name);
  const isToolResult = role === 'tool' || role === 'function';
  return {
    role,
    ...(name !== undefined && { name }),
    parts: isToolResult ? [toolResult(message)] : messageParts(message),
  };
}

function messageParts(message: JsonObject): MessagePart[] {
  const functionCall = asObject(message.function_call);
  return [
    // The same reasoning under two names: OpenRouter and Groq; DeepSeek and vLLM.
    ...textParts(message.reasoning ?? message.reasoning_content, 'reasoning'),
    ...readContent(message.content),
    ...textParts(message.refusal, 'refusal'),
    ...textParts(asObject(message.audio)?.transcript),
    ...asObjects(message.tool_calls).map((call) => toolCallPart(call, parseArguments)),
    ...(functionCall ? [toolCallPart(functionCall, parseArguments)] : []),
  ];
}

function toolResult(message: JsonObject): MessagePart {
  return {
    type: 'tool_call_response',
    ...defined({ id: asString(message.tool_call_id) ?? asString(message.name) }),
    response: readToolResponse(message.content),
  };
}

/** Reads one choice of a chat completion or of a legacy completion, whose choices have a text. */
export function readChoice(choice: JsonObject): OutputMessage {
  const message = asObject(choice.message);
  const finishReason = asString(choice.finish_reason) || undefined;
  return {
    ...(message ? readChatMessage(message) : { role: 'assistant', parts: textParts(choice.text) }),
    ...(finishReason !== undefined && { finish_reason: finishReason }),
  };
}

/** Reads `tools` and the `functions` that came before them. */
export function readChatTools(body: JsonObject): ToolDefinition[] | undefined {
  const functions = asObjects(body.functions).map((definition) => toolDefinition('function', definition));
  const tools = asObjects(body.tools).map((tool) => {
    const type = asString(tool.type) ?? 'function';
    return toolDefinition(type, asObject(tool[type]) ?? tool);
  });
  const all = [...tools, ...functions];
  return all.length > 0 ? all : undefined;
}

function toolDefinition(type: string, definition: JsonObject): ToolDefinition {
  return {
    type,
    name: asString(definition.name) ?? type,
    ...defined({ description: asString(definition.description), parameters: definition.parameters }),
  };
}
