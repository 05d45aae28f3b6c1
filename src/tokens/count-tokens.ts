import type { ChatMessage } from './chat-message.ts';
import { countFramedPrompt, countPrompt, type Prompt } from './chat-tokens.ts';
import { countText } from './encoding.ts';
import { countImages } from './image-tokens.ts';
import { tokenizerOf } from './tokenizer.ts';
import type { ToolSpecification } from './tool-tokens.ts';

export interface CountOptions {
  /** Decides about the tokenizer. Models of other vendors than OpenAI are counted with OpenAI's newest and a factor. */
  model: string;
  /** Tools the request offers; they count with messages only. */
  tools?: readonly ToolSpecification[];
  /** The `response_format` of the request: a JSON schema is part of the prompt. It counts with messages only. */
  responseFormat?: unknown;
}

/** What another vendor puts around the texts of a chat is known less well than its tokens. */
const FRAME_BAND = 0.2;

/** A count and how certain it is. */
export interface TokenCount {
  tokens: number;
  /** Of these the tokens of images, which are always an estimate. */
  imageTokens: number;
  /** How it was counted: `tiktoken o200k_base`, or with a factor `tiktoken o200k_base x 1.15`. */
  method: string;
  /** Whether the model's own tokenizer counted, and nothing but text. */
  exact: boolean;
  /** By how much the count may be off, as a share of it: 0.2 is a fifth. Nine of ten texts are within, and most chats. */
  band: number;
}

/**
 * Counts tokens as the provider does, without a network: of a text, or of the prompt that chat messages and tools
 * become. The first call loads the tokenizer (about 0.3 s). Synchronous: 100,000 characters take some 20 to 200 ms.
 *
 * Exact for OpenAI's models: texts, and chats of text. Tools, calls of tools and schemas of answers are counted by a
 * formula that meets what the API reports in most cases and by a few tokens in the others; images by the vendors'
 * formulas. Models of other vendors are estimated. docs/tokens.md has the measured errors.
 *
 * A run of more than 256 letters, white space or signs is encoded in pieces of 128, which may add a token a piece,
 * because a tokenizer takes quadratic time for it.
 *
 * @example
 * countTokens('Hello, world!', { model: 'gpt-4o' }); // 4
 *
 * @example
 * countTokens([{ role: 'user', content: 'Hi' }], { model: 'gpt-4o', tools });
 */
export function countTokens(input: string | readonly ChatMessage[], options: CountOptions): number {
  return describeTokens(input, options).tokens;
}

/** As {@link countTokens}, and how certain it is. */
export function describeTokens(
  input: string | readonly ChatMessage[],
  { model, tools = [], responseFormat }: CountOptions,
): TokenCount {
  const { encoding, factor, band, frame } = tokenizerOf(model);
  const count = (text: string): number => countText(text, encoding) * factor;
  const countChat = (prompt: Prompt): number =>
    frame ? countFramedPrompt(prompt, frame, count) : countPrompt(prompt, model, count);
  const isText = typeof input === 'string';
  const tokens = isText ? count(input) : countChat({ messages: input, tools, responseFormat });
  const imageTokens = isText ? 0 : countImages(input, model);
  return {
    tokens: Math.round(tokens) + imageTokens,
    imageTokens,
    method: factor === 1 ? `tiktoken ${encoding}` : `tiktoken ${encoding} x ${factor}`,
    exact: band === 0 && (isText || (input.every(isPlain) && tools.length === 0 && responseFormat === undefined)),
    band: frame && !isText ? band + FRAME_BAND : band,
  };
}

/** Whether a message is nothing but text: calls of tools have a formula, media is estimated or not counted at all. */
function isPlain({ role, content, tool_calls: calls }: ChatMessage): boolean {
  const isOfTools = calls !== undefined || role === 'tool' || role === 'function';
  return !isOfTools && (!Array.isArray(content) || content.every(({ type }) => type === 'text'));
}
