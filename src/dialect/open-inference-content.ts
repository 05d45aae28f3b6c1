import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import type { SpanAttributes } from '../model/span.ts';
import { asArray, asObject, asObjects, asString, defined, parseJson } from '../util/json-read.ts';
import { uriPart } from '../util/media.ts';
import { unflatten } from './shared/unflatten.ts';

/** What was said to a model, what it answered and the tools it had. */
export function readMessages(attributes: SpanAttributes): Pick<LlmCall, 'input' | 'output' | 'tools'> {
  return defined({
    input: listOf(attributes, 'llm.input_messages', 'message')?.map(toMessage),
    output: listOf(attributes, 'llm.output_messages', 'message')?.map(toMessage),
    tools: listOf(attributes, 'llm.tools', 'tool')?.flatMap(toTool),
  });
}

/** What a retriever found, without the copy of the text that the span's plain output often is. */
export function readDocuments(attributes: SpanAttributes, list: string): JsonObject[] | undefined {
  return listOf(attributes, list, 'document');
}

/** The texts that were embedded. The vectors are of no use to a reader and are not read. */
export function readEmbeddedTexts(attributes: SpanAttributes): Json[] | undefined {
  return listOf(attributes, 'embedding.embeddings', 'embedding')?.map(({ text = null }) => text);
}

/** Items of a flattened list; each is wrapped once more in its kind: `llm.tools.0.tool.json_schema`. */
function listOf(attributes: SpanAttributes, list: string, kind: string): JsonObject[] | undefined {
  return unflatten(attributes, list)
    ?.map((item) => asObject(asObject(item)?.[kind]))
    .filter((item) => item !== undefined);
}

function toMessage(message: JsonObject): Message {
  const role = asString(message['role']) ?? 'unknown';
  const { content, tool_call_id: answered } = message;
  const texts: MessagePart[] = typeof content === 'string' ? [{ type: 'text', content }] : [];
  const contents = asObjects(message['contents']).map((item) => toPart(asObject(item['message_content']) ?? item));
  const calls = asObjects(message['tool_calls']).map((item) => toToolCall(asObject(item['tool_call']) ?? item));
  const parts: MessagePart[] =
    typeof answered === 'string' && typeof content === 'string'
      ? [{ type: 'tool_call_response', id: answered, response: content }]
      : [...texts, ...contents];
  return { role, ...defined({ name: asString(message['name']) }), parts: [...parts, ...calls] };
}

const MEDIA = ['image', 'audio', 'video'] as const;

function toPart(content: JsonObject): MessagePart {
  const text = asString(content['text']);
  if (text !== undefined) {
    const kind = content['type'];
    return { type: kind === 'reasoning' || kind === 'refusal' ? kind : 'text', content: text };
  }
  for (const modality of MEDIA) {
    const media = asObject(content[modality]);
    const url = asString((asObject(media?.[modality]) ?? media)?.['url']);
    if (url !== undefined) return uriPart(modality, url);
  }
  return { type: 'other', content };
}

function toToolCall(call: JsonObject): MessagePart {
  const called = asObject(call['function']);
  const text = asString(called?.['arguments']);
  return {
    type: 'tool_call',
    name: asString(called?.['name']) ?? 'unknown',
    ...defined({ id: asString(call['id']), arguments: text === undefined ? undefined : (parseJson(text) ?? text) }),
  };
}

/** The schema is the provider's own definition of the tool: OpenAI's, or Anthropic's with its `input_schema`. */
function toTool(tool: JsonObject): ToolDefinition[] {
  const stated = tool['json_schema'];
  const schema = asObject(typeof stated === 'string' ? parseJson(stated) : stated);
  const definition = asObject(schema?.['function']) ?? schema;
  const name = asString(definition?.['name']) ?? asString(tool['name']);
  if (name === undefined) return [];
  return [
    {
      type: asString(schema?.['type']) ?? 'function',
      name,
      ...defined({
        description: asString(definition?.['description']) ?? asString(tool['description']),
        parameters: definition?.['parameters'] ?? definition?.['input_schema'],
      }),
    },
  ];
}

/** A list of strings, as such or as JSON text: attributes of context values are text. */
export function readTags(value: unknown): string[] | undefined {
  const list = asArray(typeof value === 'string' ? parseJson(value) : value);
  return list?.filter((tag) => typeof tag === 'string');
}
