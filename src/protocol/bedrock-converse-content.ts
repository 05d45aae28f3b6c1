import type { Json, JsonObject } from '../model/json.ts';
import type { MessagePart, Modality, ToolDefinition } from '../model/message.ts';
import { asArray, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { blobPart, filePart, uriPart, withoutMedia } from '../util/media.ts';
import { otherPart, readToolResponse, textParts } from './reading.ts';

type ReadBlock = (value: Json) => MessagePart[];

/** Content blocks by their only field; the ones that are not here are recorded as they are. */
const BLOCKS: Readonly<Record<string, ReadBlock>> = {
  text: (value) => textParts(value),
  image: (value) => media('image', value),
  document: (value) => media('document', value),
  video: (value) => media('video', value),
  audio: (value) => media('audio', value),
  reasoningContent: reasoning,
  toolUse,
  toolResult,
  citationsContent: (value) => asObjects(asObject(value)?.content).flatMap((content) => textParts(content.text)),
  guardContent: (value) => readBlock({ ...asObject(value), ...guardedText(value) }),
  // Where the prompt may be cached: no content.
  cachePoint: () => [],
};

/** The content of a message or the system prompt: a list of blocks. */
export function readBlocks(content: Json | undefined): MessagePart[] {
  return asObjects(content).flatMap(readBlock);
}

function readBlock(block: JsonObject): MessagePart[] {
  // Clients may add a `type`, which repeats the name of the field.
  const name = Object.keys(block).find((key) => Object.hasOwn(BLOCKS, key));
  const value = name === undefined ? undefined : block[name];
  return name === undefined || value === undefined ? [otherPart(block)] : (BLOCKS[name]?.(value) ?? []);
}

/** A part of the prompt that a guardrail looks at: its text is in an object of its own. */
function guardedText(value: Json): JsonObject {
  const text = asString(asObject(asObject(value)?.text)?.text);
  return text === undefined ? {} : { text };
}

/** Reasoning that is redacted is encrypted: only that it was there is worth recording. */
function reasoning(value: Json): MessagePart[] {
  const content = asObject(value) ?? {};
  const { text } = asObject(content.reasoningText) ?? content;
  return content.redactedContent === undefined
    ? textParts(text, 'reasoning')
    : [{ type: 'other', content: { type: 'redacted_reasoning' } }];
}

/** A tool that the model calls; one that runs at Bedrock says so by its type. */
function toolUse(value: Json): MessagePart[] {
  const call = asObject(value) ?? {};
  const name = asString(call.name) ?? '';
  const id = defined({ id: asString(call.toolUseId) });
  return call.type === 'server_tool_use'
    ? [{ type: 'server_tool_call', ...id, name, server_tool_call: { type: name, input: call.input ?? null } }]
    : [{ type: 'tool_call', ...id, name, ...defined({ arguments: call.input }) }];
}

function toolResult(value: Json): MessagePart[] {
  const result = asObject(value) ?? {};
  const content = asArray(result.content);
  const [only] = content ?? [];
  const json = content?.length === 1 ? asObject(only)?.json : undefined;
  return [
    {
      type: 'tool_call_response',
      ...defined({ id: asString(result.toolUseId) }),
      response: json === undefined ? readToolResponse(result.content) : withoutMedia(json),
    },
  ];
}

/** Media inline as base64 or in S3; a document may also be text or blocks. */
function media(modality: Modality, value: Json): MessagePart[] {
  const { format, source } = asObject(value) ?? {};
  const { bytes, s3Location, text, content } = asObject(source) ?? {};
  const mimeType = mimeTypeOf(modality, asString(format));
  if (typeof bytes === 'string') return [blobPart(modality, bytes, mimeType)];
  const uri = asString(asObject(s3Location)?.uri);
  if (uri !== undefined) return [{ ...uriPart(modality, uri), ...defined({ mime_type: mimeType }) }];
  if (text !== undefined) return textParts(text);
  return content === undefined ? [filePart(modality, defined({ mime_type: mimeType }))] : readBlocks(content);
}

/** Documents whose MIME type is not `application/` and their format. */
const DOCUMENTS: ReadonlyMap<string, string> = new Map([
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
]);

function mimeTypeOf(modality: Modality, format: string | undefined): string | undefined {
  if (format === undefined || modality !== 'document') return format && `${modality}/${format}`;
  return DOCUMENTS.get(format) ?? `application/${format}`;
}

/** Tools of the app, and those of Bedrock, which have only a name. */
export function readTools(config: Json | undefined): ToolDefinition[] | undefined {
  const tools = asObjects(asObject(config)?.tools).flatMap((tool): ToolDefinition[] => {
    const spec = asObject(tool.toolSpec);
    const { name, description, inputSchema } = spec ?? asObject(tool.systemTool) ?? {};
    const known = defined({ description: asString(description), parameters: asObject(inputSchema)?.json });
    return typeof name === 'string' ? [{ type: spec ? 'function' : 'system_tool', name, ...known }] : [];
  });
  return tools.length > 0 ? tools : undefined;
}
