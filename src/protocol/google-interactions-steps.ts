/** What an interaction is made of: steps (what happened) with contents (what was said). */
import type { Json, JsonObject } from '../model/json.ts';
import type { Message, MessagePart, Modality } from '../model/message.ts';
import { asObject, asString, defined } from '../util/json-read.ts';
import { uriPart, withoutMedia } from '../util/media.ts';
import { readBlob } from './google-content.ts';
import { mergeByRole, otherPart, textParts } from './reading.ts';

type ReadItem = (item: JsonObject) => MessagePart[];

/** Steps and contents by type. What Google's own tools do is told by the suffix of the type. */
const ITEMS: Readonly<Record<string, ReadItem>> = {
  text: (content) => textParts(content.text),
  image: media('image'),
  audio: media('audio'),
  video: media('video'),
  document: media('document'),
  user_input: (step) => readSteps(step.content),
  model_output: (step) => readSteps(step.content),
  thought: (step) =>
    readSteps(step.summary).flatMap((part) => (part.type === 'text' ? textParts(part.content, 'reasoning') : [part])),
  function_call: ({ id, name, arguments: args }) => [
    { type: 'tool_call', name: asString(name) ?? '', ...defined({ id: asString(id), arguments: args }) },
  ],
  function_result: ({ call_id: id, result }) => [
    { type: 'tool_call_response', ...defined({ id: asString(id) }), response: withoutMedia(result ?? null) },
  ],
};

const CALL = '_call';
const RESULT = '_result';

/** Steps or contents: a text, one, or a list of them. */
export function readSteps(value: Json | undefined): MessagePart[] {
  return [value ?? []].flat().flatMap(readItem);
}

function readItem(value: Json): MessagePart[] {
  const item = asObject(value);
  if (!item) return textParts(value);
  const type = asString(item.type) ?? '';
  if (Object.hasOwn(ITEMS, type)) return ITEMS[type]?.(item) ?? [];
  const { type: _type, id, call_id: callId, signature: _opaque, ...details } = item;
  if (type.endsWith(CALL)) {
    const name = type.slice(0, -CALL.length);
    const call = { type: name, ...(withoutMedia(details) as JsonObject) };
    return [{ type: 'server_tool_call', ...defined({ id: asString(id) }), name, server_tool_call: call }];
  }
  if (!type.endsWith(RESULT)) return [otherPart(item)];
  const response = { type: type.slice(0, -RESULT.length), ...(withoutMedia(details) as JsonObject) };
  return [
    { type: 'server_tool_call_response', ...defined({ id: asString(callId) }), server_tool_call_response: response },
  ];
}

/** Types of what the model, and not the user, contributes to an input. */
const OF_MODEL = /^(?:model_output|thought|.*_call)$/;

/** The input of an interaction as messages: a text, contents, steps, or turns with a role. */
export function readStepsOf(input: Json | undefined): Message[] {
  const messages = [input ?? []].flat().map((value) => {
    const item = asObject(value);
    const isModel = item?.role === 'model' || OF_MODEL.test(asString(item?.type) ?? '');
    return {
      role: isModel ? 'assistant' : (asString(item?.role) ?? 'user'),
      parts: item && item.type === undefined ? readSteps(item.content) : readItem(value),
    };
  });
  return mergeByRole(messages);
}

function media(modality: Modality): ReadItem {
  return (content) => {
    const address = asString(content.uri);
    return [
      address === undefined ? readBlob(modality, content, asString(content.mime_type)) : uriPart(modality, address),
    ];
  };
}
