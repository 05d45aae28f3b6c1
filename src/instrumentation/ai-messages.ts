import type { Json } from '../model/json.ts';
import type { Message, MessagePart } from '../model/message.ts';
import { asArray, asObject, asString, defined } from '../util/json-read.ts';
import { filePart, modalityOf, withoutMedia } from '../util/media.ts';

/** Messages as an app gives them to the AI SDK, in the shape of the conventions. */
export function readMessages(messages: unknown): Message[] | undefined {
  return asArray(messages)?.map((item) => {
    const { role, content } = asObject(item) ?? {};
    return { role: asString(role) ?? 'unknown', parts: readParts(content) ?? [] };
  });
}

/** Content of a message, of instructions or of an answer; `undefined` where there is none. */
export function readParts(content: unknown): MessagePart[] | undefined {
  if (typeof content === 'string') return [{ type: 'text', content }];
  return asArray(content)?.map((item) => {
    const part = asObject(item) ?? {};
    return PARTS.get(part['type'])?.(part) ?? { type: 'other', content: part['type'] ?? null };
  });
}

type Part = Record<string, Json | undefined>;

/** Parts by their type. Of any other, as of files, only what it is is kept: it may hold bytes. */
const PARTS: ReadonlyMap<unknown, (part: Part) => MessagePart> = new Map<unknown, (part: Part) => MessagePart>([
  ['text', ({ text }) => ({ type: 'text', content: asString(text) ?? '' })],
  ['reasoning', ({ text }) => ({ type: 'reasoning', content: asString(text) ?? '' })],
  [
    'tool-call',
    ({ toolCallId, toolName, input }) => ({
      type: 'tool_call',
      name: asString(toolName) ?? 'unknown',
      ...defined({ id: asString(toolCallId), arguments: input }),
    }),
  ],
  [
    'tool-result',
    ({ toolCallId, output }) => ({
      type: 'tool_call_response',
      ...defined({ id: asString(toolCallId) }),
      response: withoutMedia(asObject(output)?.['value'] ?? output ?? null),
    }),
  ],
  ['file', readFile],
  ['image', readFile],
]);

function readFile({ mediaType, file }: Part): MessagePart {
  const type = asString(mediaType) ?? asString(asObject(file)?.['mediaType']);
  return filePart(modalityOf(type), defined({ mime_type: type }));
}
