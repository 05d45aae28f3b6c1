import type { Json, JsonObject } from '../model/json.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import { asArray, asObject, asObjects, asString, defined, parseJson } from '../util/json-read.ts';

/** A message of the conventions, or of a provider's shape: then `content` is its text or its parts. */
export function toMessage(value: Json): Message {
  const message = asObject(value);
  if (!message) return { role: 'unknown', parts: [toPart(value)] };
  const parts = asArray(message['parts']);
  if (parts && asString(message['role']) !== undefined)
    return { ...(message as unknown as Message), parts: parts.map(toPart) };
  const calls = asObjects(message['tool_calls']).map(toToolCall);
  return {
    role: asString(message['role']) ?? 'unknown',
    ...defined({ name: asString(message['name']), finish_reason: asString(message['finish_reason']) }),
    parts: [...contentParts(message), ...calls],
  };
}

/** What a tool answered names the call that it answers. */
function contentParts(message: JsonObject): MessagePart[] {
  const { role, content } = message;
  if (content === undefined || content === null) return [];
  const id = asString(message['tool_call_id']) ?? (role === 'tool' ? asString(message['id']) : undefined);
  if (id !== undefined) return [{ type: 'tool_call_response', id, response: content }];
  return (asArray(content) ?? [content]).map(toPart);
}

/** Parts that instrumentations write as providers have them; those of the conventions stay as they are. */
export function toPart(value: Json): MessagePart {
  if (typeof value === 'string') return { type: 'text', content: value };
  const part = asObject(value);
  if (!part) return { type: 'other', content: value };
  const type = asString(part['type']);
  const known = type === undefined ? toBedrockPart(part) : TYPED.get(type)?.(part);
  return known ?? (type === undefined ? { type: 'other', content: value } : (part as MessagePart));
}

type PartReader = (part: JsonObject) => MessagePart | undefined;

const TYPED: ReadonlyMap<string, PartReader> = new Map<string, PartReader>([
  ['text', ({ text }) => textPart('text', text)],
  ['thinking', ({ content, thinking }) => textPart('reasoning', content ?? thinking)],
  // OpenAI's Responses
  ['reasoning', ({ content, summary }) => textPart('reasoning', content ?? textsOf(summary))],
  ['input_text', ({ text }) => textPart('text', text)],
  ['output_text', ({ text }) => textPart('text', text)],
  ['function_call', ({ call_id: id, ...call }) => toToolCall(defined({ ...call, id }))],
  // Anthropic
  ['tool_use', ({ id, name, input }) => toToolCall(defined({ id, name, arguments: input }))],
  // Pydantic AI
  [
    'tool_call_response',
    ({ id, result }) =>
      result === undefined
        ? undefined
        : { type: 'tool_call_response', ...defined({ id: asString(id) }), response: result },
  ],
]);

function textsOf(summary: Json | undefined): string | undefined {
  return (
    asArray(summary) &&
    asObjects(summary)
      .map(({ text }) => asString(text) ?? '')
      .join('\n')
  );
}

function textPart(type: 'text' | 'reasoning', text: Json | undefined): MessagePart | undefined {
  return typeof text === 'string' ? { type, content: text } : undefined;
}

/** Blocks of Bedrock's Converse, which have no type but one key. */
function toBedrockPart({ text, toolUse, toolResult, reasoningContent }: JsonObject): MessagePart | undefined {
  const call = asObject(toolUse);
  if (call) return toToolCall({ id: call['toolUseId'], name: call['name'], arguments: call['input'] });
  const result = asObject(toolResult);
  if (result)
    return {
      type: 'tool_call_response',
      ...defined({ id: asString(result['toolUseId']) }),
      response: result['content'] ?? null,
    };
  return (
    textPart('text', text) ?? textPart('reasoning', asObject(asObject(reasoningContent)?.['reasoningText'])?.['text'])
  );
}

function toToolCall(call: JsonObject): MessagePart {
  const called = asObject(call['function']) ?? call;
  const text = asString(called['arguments']);
  return {
    type: 'tool_call',
    name: asString(called['name']) ?? 'unknown',
    ...defined({
      id: asString(call['id']),
      arguments: text === undefined ? called['arguments'] : (parseJson(text) ?? text),
    }),
  };
}

/** A definition of the conventions, or one as OpenAI has it. */
export function toTool(value: Json): ToolDefinition {
  const tool = asObject(value);
  const described = asObject(tool?.['function']);
  if (!described) return value as unknown as ToolDefinition;
  return {
    type: 'function',
    name: asString(described['name']) ?? 'unknown',
    ...defined({ description: asString(described['description']), parameters: described['parameters'] }),
  };
}
