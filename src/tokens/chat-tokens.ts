import { asObject, asString, parseJson } from '../util/json-read.ts';
import type { ChatMessage } from './chat-message.ts';
import type { Frame } from './tokenizer.ts';
import { countTools, type ToolSpecification } from './tool-tokens.ts';

// https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_NAME = 1;
/** Every reply begins with `<|start|>assistant<|message|>`; that of a reasoning model goes on by itself. */
const TOKENS_OF_REPLY_START = 3;
const TOKENS_OF_REASONING_REPLY_START = 2;
/** Around a tool's answer, which goes by the name of its tool. */
const TOKENS_PER_TOOL_ANSWER = 5;
/** Around each of several calls made at once. */
const TOKENS_PER_PARALLEL_CALL = 8;
/** Around the schema that an answer must follow. */
const TOKENS_OF_RESPONSE_SCHEMA = 17;

export interface Prompt {
  messages: readonly ChatMessage[];
  tools: readonly ToolSpecification[];
  /** As the chat API takes it; a JSON schema is part of the prompt. */
  responseFormat?: unknown;
}

const REASONING_MODEL = /(?:^|\/)(?:o\d|gpt-[5-9]|gpt-[12]\d)/;

/** Tokens of the text that OpenAI makes of a prompt, its images aside. `count` counts the tokens of a text. */
export function countPrompt(
  { messages, tools, responseFormat }: Prompt,
  model: string,
  count: (text: string) => number,
): number {
  const isReasoning = REASONING_MODEL.test(model);
  const system = messages.findIndex(({ role }) => role === 'system' || role === 'developer');
  const calledTools = namesOfCalls(messages);
  const counts = messages.map((message, index) => {
    // Tools follow the system message after a line end.
    const isFollowedByTools = index === system && tools.length > 0 && !isReasoning;
    const countLast = (text: string): number => count(isFollowedByTools ? `${text}\n` : text);
    const isAnswer = message.role === 'tool' || message.role === 'function';
    const frame = isAnswer
      ? answerFrame(message, calledTools, count)
      : TOKENS_PER_MESSAGE + count(message.role) + countName(message, count);
    return frame + countContent(message, countLast) + countCalls(message, count);
  });
  return (
    counts.reduce((sum, tokens) => sum + tokens, 0) +
    (isReasoning ? TOKENS_OF_REASONING_REPLY_START : TOKENS_OF_REPLY_START) +
    countTools(tools, count, { isReasoning, hasSystemMessage: system !== -1 }) +
    countResponseFormat(responseFormat, count)
  );
}

/** Tokens of a prompt at another vendor: its texts, and what the vendor is seen to add. An estimate. */
export function countFramedPrompt(
  { messages, tools, responseFormat }: Prompt,
  { prompt, message, tools: section, call, toolShare }: Frame,
  count: (text: string) => number,
): number {
  const texts = messages.reduce((sum, each) => sum + countContent(each, count) + countCalls(each, count), 0);
  const calls = messages.reduce((sum, { tool_calls: made = [] }) => sum + made.length, 0);
  const offered = tools.length === 0 ? 0 : section + toolShare * count(JSON.stringify(tools));
  const schema = responseFormat === undefined ? 0 : count(JSON.stringify(responseFormat));
  return prompt + message * messages.length + texts + call * calls + offered + schema;
}

function countContent({ content }: ChatMessage, count: (text: string) => number): number {
  if (typeof content === 'string') return count(content);
  return (content ?? []).reduce((sum, part) => sum + (part.text === undefined ? 0 : count(part.text)), 0);
}

/** A name that is the role is not told twice. */
function countName({ role, name }: ChatMessage, count: (text: string) => number): number {
  if (name === undefined) return 0;
  return count(name) + (name === role ? 0 : TOKENS_PER_NAME);
}

function answerFrame(
  { role, name, tool_call_id: id }: ChatMessage,
  calledTools: ReadonlyMap<string, string>,
  count: (text: string) => number,
): number {
  const tool = calledTools.get(id ?? '') ?? name;
  const base = TOKENS_PER_MESSAGE + count(role);
  return tool === undefined ? base : base + TOKENS_PER_TOOL_ANSWER + count(tool);
}

function countCalls({ tool_calls: calls = [] }: ChatMessage, count: (text: string) => number): number {
  const parallel = calls.length > 1 ? calls.length * TOKENS_PER_PARALLEL_CALL : 0;
  return calls.reduce(
    (sum, call) => sum + count(call.function?.name ?? '') + count(compact(call.function?.arguments ?? '')),
    parallel,
  );
}

/** Arguments reach the model without the spaces that the app sends. */
function compact(json: string): string {
  const parsed = parseJson(json);
  return parsed === undefined ? json : JSON.stringify(parsed);
}

function namesOfCalls(messages: readonly ChatMessage[]): Map<string, string> {
  const calls = messages.flatMap((message) => message.tool_calls ?? []);
  return new Map(calls.flatMap(({ id, function: called }) => (id && called?.name ? [[id, called.name]] : [])));
}

function countResponseFormat(format: unknown, count: (text: string) => number): number {
  const specification = asObject(asObject(format)?.json_schema);
  if (!specification) return 0;
  const description = asString(specification.description) ?? '';
  // Titles, which generators put on every property, are not shown to the model.
  const schema = JSON.stringify(specification.schema ?? {}, (key, value: unknown) =>
    key === 'title' && typeof value === 'string' ? undefined : value,
  );
  return TOKENS_OF_RESPONSE_SCHEMA + count(description) + count(schema);
}
