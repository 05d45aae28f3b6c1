import type { LlmCall } from '../model/llm-call.ts';
import type { Message, MessagePart } from '../model/message.ts';
import { defined } from '../util/json-read.ts';
import type { ChatMessage, ContentPart } from './chat-message.ts';
import type { ToolSpecification } from './tool-tokens.ts';

/** What of a call is to be counted. */
export interface CountTask {
  model: string;
  /** A conversation, or texts that stand for themselves (embeddings, completions of a text). */
  input?: { messages: ChatMessage[]; tools: ToolSpecification[] } | { texts: string[] };
  /** What the model wrote, as far as it was seen. */
  output?: string[];
}

export interface CountResult {
  input?: number;
  output?: number;
  /** How it was counted, e.g. `tiktoken o200k_base`. */
  method: string;
}

/** Operations whose input is text, not a conversation. */
const TEXT_OPERATIONS: ReadonlySet<string> = new Set(['embeddings', 'text_completion']);

/** The counts that are missing, as a task; a count whose text is not known is left out. */
export function countTaskOf(call: LlmCall, missing: { input: boolean; output: boolean }): CountTask {
  return {
    model: call.responseModel ?? call.requestModel ?? '',
    ...defined({
      input: missing.input ? inputOf(call) : undefined,
      output: missing.output ? call.output?.flatMap(outputTexts) : undefined,
    }),
  };
}

/**
 * The stand-in where there is no time for the tokenizer: UTF-8 bytes / 4, which is what English prose takes; an
 * ideograph takes three quarters of a token, an emoji one. Microseconds.
 */
export function estimateByLength({ input, output }: CountTask): CountResult {
  return {
    ...defined({
      input: input && quarterOfBytes('texts' in input ? input.texts : promptTexts(input)),
      output: output && quarterOfBytes(output),
    }),
    method: 'UTF-8 bytes / 4',
  };
}

function quarterOfBytes(texts: readonly string[]): number {
  return Math.ceil(sum(texts.map((text) => Buffer.byteLength(text))) / 4);
}

/** Characters of a task: what it costs to keep it waiting. */
export function taskLength({ input, output = [] }: CountTask): number {
  const texts = input ? ('texts' in input ? input.texts : promptTexts(input)) : [];
  return texts.concat(output).reduce((total, text) => total + text.length, 0);
}

function promptTexts({ messages, tools }: { messages: ChatMessage[]; tools: ToolSpecification[] }): string[] {
  const texts = messages.flatMap(({ content, tool_calls: calls = [] }) => [
    ...(typeof content === 'string' ? [content] : (content ?? []).map((part) => part.text ?? '')),
    ...calls.map((call) => `${call.function?.name ?? ''}${call.function?.arguments ?? ''}`),
  ]);
  return tools.length > 0 ? texts.concat(JSON.stringify(tools)) : texts;
}

function inputOf({ operation, systemInstructions, input, tools }: LlmCall): CountTask['input'] {
  if (!input && !systemInstructions) return undefined;
  if (TEXT_OPERATIONS.has(operation)) return { texts: (input ?? []).flatMap(outputTexts) };
  const system: Message[] = systemInstructions ? [{ role: 'system', parts: systemInstructions }] : [];
  return {
    messages: system.concat(input ?? []).flatMap(toChatMessages),
    tools: (tools ?? []) as ToolSpecification[],
  };
}

/** A tool's answer is a message of its own, wherever the provider puts it. */
function toChatMessages({ role, name, parts }: Message): ChatMessage[] {
  const answers = parts.filter((part) => part.type === 'tool_call_response');
  const calls = parts.filter((part) => part.type === 'tool_call');
  const content = parts.flatMap(toContentPart);
  const isOnlyAnswers = answers.length > 0 && answers.length === parts.length;
  return [
    ...answers.map(({ id, response }) => ({
      role: 'tool',
      content: textOf(response),
      ...defined({ tool_call_id: id }),
    })),
    ...(isOnlyAnswers
      ? []
      : [
          {
            role,
            content,
            ...defined({ name }),
            ...(calls.length > 0 && {
              tool_calls: calls.map((call) => ({
                ...defined({ id: call.id }),
                function: { name: call.name, arguments: textOf(call.arguments ?? {}) },
              })),
            }),
          },
        ]),
  ];
}

function toContentPart(part: MessagePart): ContentPart[] {
  switch (part.type) {
    case 'tool_call':
    case 'tool_call_response':
      return [];
    case 'uri':
    case 'file':
    case 'blob':
      return part.modality === 'image' ? [{ type: 'image_url' }] : [];
    default:
      return partTexts(part).map((text) => ({ type: 'text', text }));
  }
}

function outputTexts({ parts }: Message): string[] {
  return parts.flatMap(partTexts);
}

/** What of a part is made of tokens that can be seen. */
function partTexts(part: MessagePart): string[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
    case 'refusal':
      return [part.content];
    case 'tool_call':
      return [part.name, textOf(part.arguments ?? {})];
    case 'tool_call_response':
      return [textOf(part.response)];
    case 'server_tool_call':
      return [textOf(part.server_tool_call)];
    case 'server_tool_call_response':
      return [textOf(part.server_tool_call_response)];
    case 'other':
      return [textOf(part.content)];
    case 'uri':
    case 'file':
    case 'blob':
      return [];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
