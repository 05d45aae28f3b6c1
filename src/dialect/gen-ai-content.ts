import type { Json } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Message, MessagePart, OutputMessage, ToolDefinition } from '../model/message.ts';
import type { SpanAttributes, SpanEventView, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { unflatten } from './unflatten.ts';
import { asArray, asObject, asObjects, asString, defined, parseJson } from '../util/json-read.ts';

type Content = Pick<LlmCall, 'systemInstructions' | 'input' | 'tools' | 'output'>;

/** Former names. They are also prefixes: `gen_ai.prompt.0.role`, `gen_ai.prompt.0.content`, ... */
const PROMPT = 'gen_ai.prompt';
const COMPLETION = 'gen_ai.completion';

const ATTRIBUTES: ReadonlySet<string> = new Set([
  GEN_AI.inputMessages,
  GEN_AI.outputMessages,
  GEN_AI.systemInstructions,
  GEN_AI.toolDefinitions,
  PROMPT,
  COMPLETION,
]);
const FLAT_ATTRIBUTE = /^gen_ai\.(prompt|completion)\.\d+\./;

/** Whether an attribute holds what {@link readContent} reads. */
export function isContent(attribute: string): boolean {
  return ATTRIBUTES.has(attribute) || FLAT_ATTRIBUTE.test(attribute);
}

/** Whether an event holds what {@link readContent} reads. */
export function isContentEvent(name: string): boolean {
  return name === CHOICE_EVENT || CONTENT_EVENTS.has(name) || MESSAGE_EVENT.test(name);
}

/** Events whose attributes hold what spans hold now. */
const CONTENT_EVENTS: ReadonlySet<string> = new Set([
  'gen_ai.client.inference.operation.details',
  'gen_ai.content.prompt',
  'gen_ai.content.completion',
]);

/** One event a message, before messages were attributes. */
const MESSAGE_EVENT = /^gen_ai\.(system|user|assistant|tool)\.message$/;
const CHOICE_EVENT = 'gen_ai.choice';

/** What was said: from attributes of the span, else from its events, in whatever of the conventions' shapes it is. */
export function readContent({ attributes, events }: SpanView): Content {
  const sources = [
    attributes,
    ...events.filter(({ name }) => CONTENT_EVENTS.has(name)).map((event) => event.attributes),
  ];
  const first = (names: readonly string[]): unknown =>
    sources.flatMap((source) => names.map((name) => source[name])).find((value) => value !== undefined);
  const input = list(first([GEN_AI.inputMessages, PROMPT])) ?? unflatten(attributes, PROMPT);
  const output = list(first([GEN_AI.outputMessages, COMPLETION])) ?? unflatten(attributes, COMPLETION);
  return defined({
    systemInstructions: list(first([GEN_AI.systemInstructions]))?.map(toPart),
    input: input?.map(toMessage) ?? messagesOf(events),
    tools: list(first([GEN_AI.toolDefinitions])) as ToolDefinition[] | undefined,
    output: (output?.map(toMessage) as OutputMessage[] | undefined) ?? choicesOf(events),
  });
}

/** A list, whether it is structured or JSON text; text that is no JSON (cut, or masked) is its one item. */
function list(value: unknown): Json[] | undefined {
  if (value === undefined) return undefined;
  const parsed = typeof value === 'string' ? (parseJson(value) ?? value) : (value as Json);
  return asArray(parsed) ?? [parsed];
}

/** Messages of the conventions are kept as they are; those of a provider's shape (`content`) get parts. */
function toMessage(value: Json): Message {
  const message = asObject(value);
  if (!message) return { role: 'unknown', parts: [toPart(value)] };
  if (asArray(message['parts']) && asString(message['role']) !== undefined) return message as unknown as Message;
  const content = message['content'];
  const parts = content === undefined || content === null ? [] : (asArray(content) ?? [content]).map(toPart);
  const calls = asObjects(message['tool_calls']).map(toToolCall);
  return {
    role: asString(message['role']) ?? 'unknown',
    ...defined({ name: asString(message['name']), finish_reason: asString(message['finish_reason']) }),
    parts: [...parts, ...calls],
  };
}

function toPart(value: Json): MessagePart {
  if (typeof value === 'string') return { type: 'text', content: value };
  const part = asObject(value);
  if (asString(part?.['type']) === undefined) return { type: 'other', content: value };
  const text = asString(part?.['text']);
  return part?.['type'] === 'text' && text !== undefined ? { type: 'text', content: text } : (part as MessagePart);
}

function toToolCall(call: { [key: string]: Json | undefined }): MessagePart {
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

function messagesOf(events: readonly SpanEventView[]): Message[] | undefined {
  const messages = events.flatMap(({ name, attributes }) => {
    const role = MESSAGE_EVENT.exec(name)?.[1];
    return role === undefined ? [] : [toMessage({ role, ...readable(attributes) })];
  });
  return messages.length > 0 ? messages : undefined;
}

function choicesOf(events: readonly SpanEventView[]): OutputMessage[] | undefined {
  const choices = events
    .filter(({ name }) => name === CHOICE_EVENT)
    .map(({ attributes }) => {
      const choice = readable(attributes);
      return toMessage({ role: 'assistant', ...choice, ...asObject(choice['message']) });
    });
  return choices.length > 0 ? choices : undefined;
}

/** Event attributes with the JSON text among them parsed: what is structured in a log event is text in a span event. */
function readable(attributes: SpanAttributes): { [key: string]: Json } {
  const entries = Object.entries(attributes).map(([key, value]) => [
    key,
    typeof value === 'string' && /^[[{]/.test(value) ? (parseJson(value) ?? value) : value,
  ]);
  return Object.fromEntries(entries) as { [key: string]: Json };
}
