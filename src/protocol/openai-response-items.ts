import type { Json, JsonObject } from '../model/json.ts';
import type { Message, MessagePart } from '../model/message.ts';
import { asObjects, asString, defined } from '../util/json-read.ts';
import { withoutMedia } from '../util/media.ts';
import { readContent, toolCallPart } from './openai-content.ts';
import { mergeByRole, otherPart, parseArguments, readToolResponse } from './reading.ts';

/** Reads `input`: a text, or a list of items. */
export function readInput(input: Json | undefined): Message[] | undefined {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : asObjects(input);
  return items.length > 0 ? mergeByRole(items.map(readItem)) : undefined;
}

/** The parts of all output items, in their order: together they are the assistant's message. */
export function readOutputItems(output: Json | undefined): MessagePart[] {
  return asObjects(output).flatMap((item) => readItem(item).parts);
}

function readItem(item: JsonObject): Message {
  const type = asString(item.type) ?? 'message';
  if (type === 'message') return { role: asString(item.role) ?? 'assistant', parts: readContent(item.content) };
  if (type === 'reasoning') return { role: 'assistant', parts: readReasoning(item) };
  if (type === 'function_call' || type === 'custom_tool_call')
    return { role: 'assistant', parts: [readToolCall(item)] };
  if (type.endsWith('_call_output')) return { role: 'tool', parts: [readToolOutput(item)] };
  if (type === 'tool_search_output') return { role: 'tool', parts: [readToolSearch(item)] };
  if (type.endsWith('_call')) return { role: 'assistant', parts: [readServerToolCall(type, item)] };
  return { role: asString(item.role) ?? 'assistant', parts: [otherPart(item)] };
}

/** The summary, and the reasoning itself where the model shows it. */
function readReasoning(item: JsonObject): MessagePart[] {
  return [...readContent(item.summary), ...readContent(item.content)];
}

function readToolCall(item: JsonObject): MessagePart {
  const { call_id, name, arguments: json, input } = item;
  const id = call_id ?? item.id;
  if (item.type === 'custom_tool_call') return toolCallPart({ id, custom: { name, input } }, parseArguments);
  return toolCallPart({ id, name, arguments: json }, parseArguments);
}

function readToolOutput(item: JsonObject): MessagePart {
  const id = asString(item.call_id);
  return { type: 'tool_call_response', ...defined({ id }), response: readToolResponse(item.output) };
}

/** Tools the model found and may call from now on. */
function readToolSearch(item: JsonObject): MessagePart {
  return {
    type: 'server_tool_call_response',
    ...defined({ id: asString(item.call_id) ?? asString(item.id) }),
    server_tool_call_response: { type: 'tool_search', tools: withoutMedia(item.tools ?? null) },
  };
}

function readServerToolCall(type: string, item: JsonObject): MessagePart {
  const { id, type: _type, status: _status, ...details } = item;
  const tool = type.slice(0, -'_call'.length);
  return {
    type: 'server_tool_call',
    ...defined({ id: asString(id) }),
    name: asString(item.name) ?? tool,
    server_tool_call: { type: tool, ...(withoutMedia(details) as JsonObject) },
  };
}
