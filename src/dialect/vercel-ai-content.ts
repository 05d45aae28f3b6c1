import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import type { SpanAttributes } from '../model/span.ts';
import { asArray, asObject, asObjects, asString, asStrings, defined, parseJson } from '../util/json-read.ts';
import { blobPart, modalityOf, uriPart } from '../util/media.ts';

type Content = Pick<LlmCall, 'systemInstructions' | 'input' | 'tools' | 'output'>;

/** What was said, as the SDK's own messages: to the model, or (`ai.prompt`) to the SDK. */
export function readContent(attributes: SpanAttributes): Content {
  const { system, prompt, messages } = readPrompt(attributes['ai.prompt']);
  const said = readText(attributes['ai.prompt.messages']) ?? messages ?? prompt;
  const texts = asStrings(attributes['ai.values']) ?? asStrings(attributes['ai.value']);
  return defined({
    systemInstructions: system === undefined ? undefined : toParts(system),
    input: said === undefined ? texts && [embedded(texts)] : toMessages(said),
    tools: readTools(attributes['ai.prompt.tools']),
    output: readOutput(attributes),
  });
}

/** JSON text; text that is none (cut, or masked) stands for itself. */
function readText(value: unknown): Json | undefined {
  return typeof value === 'string' ? (parseJson(value) ?? value) : undefined;
}

function readPrompt(value: unknown): JsonObject {
  const prompt = readText(value);
  return asObject(prompt) ?? defined({ prompt });
}

function embedded(texts: readonly string[]): Message {
  return { role: 'user', parts: texts.flatMap((text) => toParts(readText(text) ?? text)) };
}

function toMessages(value: Json): Message[] {
  return (asArray(value) ?? [value]).map((item) => {
    const message = asObject(item);
    const role = asString(message?.role) ?? (typeof item === 'string' ? 'user' : 'unknown');
    return { role, parts: toParts(message ? (message.content ?? []) : item) };
  });
}

function toParts(content: Json): MessagePart[] {
  return (asArray(content) ?? [content]).map((item): MessagePart => {
    if (typeof item === 'string') return { type: 'text', content: item };
    const part = asObject(item);
    return (part && PARTS.get(part.type)?.(part)) ?? { type: 'other', content: item };
  });
}

/** Parts by their type, with the names of ai 5 and 6 before those of ai 4. */
const PARTS: ReadonlyMap<unknown, (part: JsonObject) => MessagePart | undefined> = new Map([
  ['text', ({ text }: JsonObject) => textPart('text', text)],
  ['reasoning', ({ text }: JsonObject) => textPart('reasoning', text)],
  ['tool-call', toToolCall],
  ['tool-result', toToolResult],
  ['image', ({ image, mediaType, mimeType }: JsonObject) => toMedia(image, mediaType ?? mimeType ?? 'image/*')],
  ['file', ({ data, mediaType, mimeType }: JsonObject) => toMedia(data, mediaType ?? mimeType)],
]);

function textPart(type: 'text' | 'reasoning', text: unknown): MessagePart | undefined {
  return typeof text === 'string' ? { type, content: text } : undefined;
}

function toToolCall({ toolCallId, toolName, input, args }: JsonObject): MessagePart {
  const given = input ?? args;
  return {
    type: 'tool_call',
    name: asString(toolName) ?? 'unknown',
    ...defined({ id: asString(toolCallId), arguments: readText(given) ?? given }),
  };
}

function toToolResult({ toolCallId, output, result }: JsonObject): MessagePart {
  const response = asObject(output)?.value ?? output ?? result ?? null;
  return { type: 'tool_call_response', ...defined({ id: asString(toolCallId) }), response };
}

function toMedia(data: Json | undefined, type: Json | undefined): MessagePart | undefined {
  const mimeType = asString(type);
  if (typeof data !== 'string') return undefined;
  if (/^(?:https?|data|gs):/.test(data)) return uriPart(modalityOf(mimeType), data);
  return blobPart(modalityOf(mimeType), data, mimeType);
}

/** One text of JSON a tool. */
function readTools(value: unknown): ToolDefinition[] | undefined {
  const tools = asObjects(asStrings(value)?.map(parseJson));
  if (tools.length === 0) return undefined;
  return tools.map(({ type, name, description, inputSchema, parameters }) => ({
    type: asString(type) ?? 'function',
    name: asString(name) ?? 'unknown',
    ...defined({ description: asString(description), parameters: inputSchema ?? parameters }),
  }));
}

function readOutput(attributes: SpanAttributes): LlmCall['output'] {
  const calls = readText(attributes['ai.response.toolCalls']);
  const parts = [
    textPart('reasoning', attributes['ai.response.reasoning']),
    textPart('text', attributes['ai.response.text'] || attributes['ai.response.object']),
    // A masked list is text.
    ...(typeof calls === 'string' ? toParts(calls) : asObjects(calls).map(toToolCall)),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const reason = asString(attributes['ai.response.finishReason']);
  return [{ role: 'assistant', parts, ...defined({ finish_reason: reason }) }];
}
