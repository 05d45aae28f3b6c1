import type { Json } from '../model/json.ts';
import type { Message, MessagePart } from '../model/message.ts';
import { asArray } from '../util/json-read.ts';
import { otherPart, textParts } from './reading.ts';

/** Reads the `prompt` of legacy completions and the `input` of embeddings: texts or token numbers, one or many. */
export function readPrompts(value: Json | undefined): Message[] | undefined {
  if (value === undefined || value === null) return undefined;
  const prompts = isTokens(value) ? [value] : (asArray(value) ?? [value]);
  const parts = prompts.flatMap(promptParts);
  return parts.length > 0 ? [{ role: 'user', parts }] : undefined;
}

function promptParts(prompt: Json): MessagePart[] {
  if (typeof prompt === 'string') return textParts(prompt);
  return isTokens(prompt) ? [{ type: 'text', content: `[${prompt.length} tokens]` }] : [otherPart(prompt)];
}

function isTokens(value: Json): value is number[] {
  return Array.isArray(value) && typeof value[0] === 'number';
}
