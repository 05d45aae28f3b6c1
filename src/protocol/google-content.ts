import type { Json, JsonObject } from '../model/json.ts';
import type { Message, MessagePart, Modality, ToolDefinition } from '../model/message.ts';
import { asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { blobPart, modalityOf, withoutMedia } from '../util/media.ts';
import { otherPart, textParts } from './reading.ts';

/** A field by its name in JSON, or as the protocol buffer has it: the API accepts `inlineData` and `inline_data`. */
export function field(object: JsonObject, name: string): Json | undefined {
  return object[name] ?? object[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

/** What a part holds is told by the field it has. */
const PARTS: readonly (readonly [field: string, read: (value: JsonObject) => MessagePart[]])[] = [
  ['inlineData', inlineData],
  ['fileData', fileData],
  [
    'functionCall',
    (call) => [
      {
        type: 'tool_call',
        name: asString(call.name) ?? '',
        ...defined({ id: asString(call.id), arguments: call.args }),
      },
    ],
  ],
  [
    'functionResponse',
    (result) => [
      {
        type: 'tool_call_response',
        ...defined({ id: asString(result.id) ?? asString(result.name) }),
        response: withoutMedia(result.response ?? null),
      },
    ],
  ],
  ['executableCode', (code) => serverToolCall('code_execution', code)],
  ['codeExecutionResult', (result) => serverToolResponse('code_execution', result)],
  ['toolCall', (call) => serverToolCall(toolType(call), call)],
  ['toolResponse', (result) => serverToolResponse(toolType(result), result)],
];

function readPart(value: Json): MessagePart[] {
  const part = asObject(value);
  if (!part) return textParts(value);
  if (typeof part.text === 'string') return textParts(part.text, part.thought === true ? 'reasoning' : 'text');
  for (const [name, read] of PARTS) {
    const found = asObject(field(part, name));
    if (found) return read(found);
  }
  const { thoughtSignature: _opaque, thought_signature: _alsoOpaque, ...rest } = part;
  return Object.keys(rest).length > 0 ? [otherPart(rest)] : [];
}

/** The parts of a `Content`, which some requests shorten to its text. */
export function readParts(content: Json | undefined): MessagePart[] {
  if (typeof content === 'string') return textParts(content);
  const parts = asObject(content)?.parts ?? content;
  return [parts ?? []].flat().flatMap(readPart);
}

/** Messages: a list of contents, or one alone. */
export function readContents(contents: Json | undefined): Message[] {
  return [contents ?? []].flat().map((content) => ({
    role: readRole(asObject(content)?.role),
    parts: readParts(content),
  }));
}

/** Google calls the assistant a model. */
export function readRole(role: Json | undefined): string {
  return role === 'model' ? 'assistant' : (asString(role) ?? 'user');
}

/** Functions by their declarations; Google's own tools have no name but the field they are in. */
export function readTools(tools: Json | undefined): ToolDefinition[] | undefined {
  const definitions = asObjects([tools ?? []].flat()).flatMap((tool) => [
    ...asObjects(field(tool, 'functionDeclarations')).map(functionDefinition),
    ...Object.keys(tool)
      .filter((name) => name !== 'functionDeclarations' && name !== 'function_declarations')
      .map((name) => ({ type: name, name })),
  ]);
  return definitions.length > 0 ? definitions : undefined;
}

function functionDefinition(declaration: JsonObject): ToolDefinition {
  return {
    type: 'function',
    name: asString(declaration.name) ?? '',
    ...defined({
      description: asString(declaration.description),
      parameters: field(declaration, 'parametersJsonSchema') ?? declaration.parameters,
    }),
  };
}

function toolType(value: JsonObject): string {
  return (asString(field(value, 'toolType')) ?? 'tool').toLowerCase();
}

function serverToolCall(name: string, value: JsonObject): MessagePart[] {
  const { id, ...details } = value;
  const call = { type: name, ...(withoutMedia(details) as JsonObject) };
  return [{ type: 'server_tool_call', ...defined({ id: asString(id) }), name, server_tool_call: call }];
}

function serverToolResponse(name: string, value: JsonObject): MessagePart[] {
  const { id, ...details } = value;
  const response = { type: name, ...(withoutMedia(details) as JsonObject) };
  return [{ type: 'server_tool_call_response', ...defined({ id: asString(id) }), server_tool_call_response: response }];
}

function fileData(value: JsonObject): MessagePart[] {
  const mimeType = asString(field(value, 'mimeType'));
  const uri = asString(field(value, 'fileUri')) ?? '';
  return [{ type: 'uri', modality: modalityOf(mimeType), uri, ...defined({ mime_type: mimeType }) }];
}

/** Where {@link withoutData} notes what it left out. */
const OMITTED = 'omitted';

function inlineData(value: JsonObject): MessagePart[] {
  const mimeType = asString(field(value, 'mimeType'));
  return [readBlob(modalityOf(mimeType), value, mimeType)];
}

/** Inline media, or what {@link withoutData} left of it. */
export function readBlob(modality: Modality, value: JsonObject, mimeType: string | undefined): MessagePart {
  const part = blobPart(modality, asString(value.data) ?? '', mimeType);
  const omitted = asString(value[OMITTED]);
  return omitted !== undefined && part.type === 'blob' ? { ...part, content: omitted } : part;
}

/** Inline media without its bytes, which would use up what is kept of the text. */
export function withoutData(value: JsonObject): JsonObject {
  const { data, ...kept } = value;
  if (typeof data !== 'string') return value;
  const part = blobPart('document', data, asString(field(value, 'mimeType')));
  return part.type === 'blob' ? { ...kept, [OMITTED]: part.content } : kept;
}
