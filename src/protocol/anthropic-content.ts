import type { Json, JsonObject } from '../model/json.ts';
import type { MessagePart } from '../model/message.ts';
import { asArray, asObject, asString, defined } from '../util/json-read.ts';
import { blobPart, modalityOf, uriPart, withoutMedia } from '../util/media.ts';
import { otherPart, readToolResponse, textParts } from './reading.ts';

type ReadBlock = (block: JsonObject) => MessagePart[];

/** Content blocks by type; results of server tools, of which there are many, are told by their suffix. */
const BLOCKS: Readonly<Record<string, ReadBlock>> = {
  text: (block) => textParts(block.text),
  thinking: (block) => textParts(block.thinking, 'reasoning'),
  // Its data is encrypted and opaque: only that it was there is worth recording.
  redacted_thinking: (block) => [{ type: 'other', content: { type: block.type ?? null } }],
  image: (block) => source('image', block.source),
  document: (block) => source('document', block.source),
  container_upload: (block) => [{ type: 'file', modality: 'document', file_id: asString(block.file_id) ?? '' }],
  tool_use: (block) => [
    {
      type: 'tool_call',
      name: asString(block.name) ?? '',
      ...defined({ id: asString(block.id), arguments: block.input }),
    },
  ],
  tool_result: (block) => [
    {
      type: 'tool_call_response',
      ...defined({ id: asString(block.tool_use_id) }),
      response: readToolResponse(block.content),
    },
  ],
  server_tool_use: serverToolUse,
  mcp_tool_use: serverToolUse,
};

/** Content: a text, or a list of blocks. */
export function readBlocks(content: Json | undefined): MessagePart[] {
  if (typeof content === 'string') return textParts(content);
  return (asArray(content) ?? []).flatMap((item) => {
    const block = asObject(item);
    if (!block) return textParts(item);
    const type = asString(block.type) ?? '';
    if (Object.hasOwn(BLOCKS, type)) return BLOCKS[type]?.(block) ?? [];
    return type.endsWith('_tool_result') ? serverToolResult(type, block) : [otherPart(block)];
  });
}

function serverToolUse(block: JsonObject): MessagePart[] {
  const { id, type: _type, ...details } = block;
  const name = asString(block.name) ?? '';
  return [
    {
      type: 'server_tool_call',
      ...defined({ id: asString(id) }),
      name,
      server_tool_call: { type: name, ...(withoutMedia(details) as JsonObject) },
    },
  ];
}

function serverToolResult(type: string, block: JsonObject): MessagePart[] {
  const result = { type: type.slice(0, -'_tool_result'.length), content: withoutMedia(block.content ?? null) };
  return [
    {
      type: 'server_tool_call_response',
      ...defined({ id: asString(block.tool_use_id) }),
      server_tool_call_response: result,
    },
  ];
}

function source(modality: 'image' | 'document', value: Json | undefined): MessagePart[] {
  const media = asObject(value) ?? {};
  const mimeType = asString(media.media_type);
  switch (media.type) {
    case 'base64':
      return [blobPart(mimeType ? modalityOf(mimeType) : modality, asString(media.data) ?? '', mimeType)];
    case 'url':
      return [uriPart(modality, asString(media.url) ?? '')];
    case 'file':
      return [{ type: 'file', modality, file_id: asString(media.file_id) ?? '' }];
    case 'text':
      return textParts(media.data);
    case 'content':
      return readBlocks(media.content);
    default:
      return [otherPart(media)];
  }
}
