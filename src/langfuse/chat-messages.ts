import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import { defined } from '../util/json-read.ts';

/** Messages in the chat format that Langfuse renders as a conversation: `role`, `content`, `tool_calls`. */

/** What was asked: the messages, with the tools beside them if there were any. */
export function chatInput(call: LlmCall): Json | undefined {
  const { systemInstructions, input, tools } = call;
  if (!systemInstructions && !input && !tools) return undefined;
  const system = systemInstructions ? toChat({ role: 'system', parts: systemInstructions }) : [];
  const messages = [...system, ...(input ?? []).flatMap(toChat)];
  return tools ? { messages, tools: tools.map(toTool) } : messages;
}

/** What was answered: one message, or the list of them where several choices were asked for. */
export function chatOutput(call: LlmCall): Json | undefined {
  const messages = call.output?.flatMap(toChat);
  return messages?.length === 1 ? messages[0] : messages;
}

/** One message, or one for each tool result in it: the chat format gives each result a message of its own. */
function toChat({ role, name, parts }: Message): JsonObject[] {
  const results = parts.filter((part) => part.type === 'tool_call_response');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const content = parts.filter((part) => part.type !== 'tool_call_response' && part.type !== 'tool_call');
  const messages: JsonObject[] = results.map(({ id, response }) => ({
    role: 'tool',
    ...defined({ tool_call_id: id }),
    content: response,
  }));
  if (content.length + calls.length > 0 || results.length === 0)
    messages.push({
      role,
      ...defined({ name }),
      content: toContent(content),
      ...(calls.length > 0 && { tool_calls: calls.map(toToolCall) }),
    });
  return messages;
}

/** Plain text where that is all there is, else the list of parts. */
function toContent(parts: readonly MessagePart[]): Json {
  if (parts.length === 0) return null;
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.content] : []));
  if (texts.length === parts.length) return texts.join('\n');
  return parts.map((part) => (part.type === 'text' ? { type: 'text', text: part.content } : { ...part })) as Json[];
}

function toToolCall(part: Extract<MessagePart, { type: 'tool_call' }>): JsonObject {
  const { id, name, arguments: given = {} } = part;
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  return { ...defined({ id }), type: 'function', function: { name, arguments: text } };
}

function toTool({ type, name, description, parameters, ...rest }: ToolDefinition): JsonObject {
  if (type !== 'function') return { type, name, ...defined({ description, parameters }), ...rest };
  return { type, function: { name, ...defined({ description, parameters }) } };
}
