import type { Json } from '../model/json.ts';
import type { LlmCall } from '../model/llm-call.ts';
import type { Message, OutputMessage } from '../model/message.ts';
import type { SpanAttributes, SpanEventView, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { asArray, asObject, defined, parseJson } from '../util/json-read.ts';
import { toMessage, toPart, toTool } from './gen-ai-message.ts';
import { unflatten } from './shared/unflatten.ts';

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
    tools: list(first([GEN_AI.toolDefinitions]))?.map(toTool),
    output: (output?.map(toMessage) as OutputMessage[] | undefined) ?? choicesOf(events),
  });
}

/** A list, whether it is structured or JSON text; text that is no JSON (cut, or masked) is its one item. */
function list(value: unknown): Json[] | undefined {
  if (value === undefined) return undefined;
  const parsed = typeof value === 'string' ? (parseJson(value) ?? value) : (value as Json);
  return asArray(parsed) ?? [parsed];
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
      const { message, ...choice } = readable(attributes);
      const said = asObject(message) ?? defined({ content: message });
      return toMessage({ role: 'assistant', ...choice, ...said });
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
