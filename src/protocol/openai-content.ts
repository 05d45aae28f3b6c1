import type { Json, JsonObject } from '../model/json.ts';
import type { MessagePart } from '../model/message.ts';
import { asArray, asObject, asString, defined } from '../util/json-read.ts';
import { blobPart, modalityOf, uriPart } from '../util/media.ts';
import { otherPart, textParts } from './reading.ts';

type ReadPart = (part: JsonObject) => MessagePart[];

/** Content parts of chat completions and of the Responses API, and those that compatible vendors add. */
const PARTS: Readonly<Record<string, ReadPart>> = {
  text: (part) => textParts(part.text),
  input_text: (part) => textParts(part.text),
  output_text: (part) => textParts(part.text),
  summary_text: (part) => textParts(part.text, 'reasoning'),
  reasoning_text: (part) => textParts(part.text, 'reasoning'),
  refusal: (part) => textParts(part.refusal, 'refusal'),
  image_url: (part) => media('image', part.image_url),
  input_image: (part) => fileId('image', part) ?? media('image', part.image_url),
  video_url: (part) => media('video', part.video_url),
  document_url: (part) => media('document', part.document_url),
  input_audio: (part) => audio(asObject(part.input_audio) ?? part),
  file: (part) => file(asObject(part.file) ?? part),
  input_file: file,
  // Mistral's reasoning models nest text parts.
  thinking: (part) =>
    readContent(part.thinking).flatMap((inner) => (inner.type === 'text' ? reasoning(inner) : [inner])),
};

/** Content: a text, or a list of parts. */
export function readContent(content: Json | undefined): MessagePart[] {
  if (typeof content === 'string') return textParts(content);
  return (asArray(content) ?? []).flatMap((item) => {
    const part = asObject(item);
    if (!part) return textParts(item);
    const type = asString(part.type) ?? '';
    const read = Object.hasOwn(PARTS, type) ? PARTS[type]?.(part) : undefined;
    return read ?? [otherPart(part)];
  });
}

function reasoning(part: { content: string }): MessagePart[] {
  return textParts(part.content, 'reasoning');
}

/** An address: a text, or an object that has it as `url`. */
function media(modality: 'image' | 'video' | 'document', value: Json | undefined): MessagePart[] {
  const address = asString(value) ?? asString(asObject(value)?.url);
  return address === undefined ? [] : [uriPart(modality, address)];
}

function audio(value: JsonObject): MessagePart[] {
  const format = asString(value.format);
  const data = asString(value.data);
  return data === undefined ? [] : [blobPart('audio', data, format && `audio/${format}`)];
}

function file(value: JsonObject): MessagePart[] {
  const known = fileId('document', value);
  if (known) return known;
  const address = asString(value.file_url) ?? asString(value.file_data);
  if (address === undefined) return [];
  const part = address.includes(':') ? uriPart('document', address) : blobPart('document', address);
  return part.type === 'blob' ? [{ ...part, modality: modalityOf(part.mime_type) }] : [part];
}

function fileId(modality: 'image' | 'document', value: JsonObject): MessagePart[] | undefined {
  const id = asString(value.file_id);
  return id === undefined ? undefined : [{ type: 'file', modality, file_id: id }];
}

/** A tool call of a chat message: a function with JSON arguments, or a custom tool with free text. */
export function toolCallPart(call: JsonObject, parse: (value: Json | undefined) => Json | undefined): MessagePart {
  const custom = asObject(call.custom);
  const target = custom ?? asObject(call.function) ?? call;
  return {
    type: 'tool_call',
    name: asString(target.name) ?? '',
    ...defined({ id: asString(call.id), arguments: custom ? custom.input : parse(target.arguments) }),
  };
}
