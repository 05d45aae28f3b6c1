import type { TiktokenEncoding } from 'tiktoken';
import { encodingOf } from './encoding.ts';

/** How the tokens of a model are counted. */
export interface Tokenizer {
  encoding: TiktokenEncoding;
  /** Tokens of the model for one of the encoding; 1 where the encoding is the model's own. */
  factor: number;
  /** By how much the count of a text may be off, as a share of it: nine of ten are within. 0: it is exact. */
  band: number;
  /** What a chat adds to its texts. Absent: OpenAI's formula. */
  frame?: Frame;
}

/** Tokens that a vendor puts around the texts of a chat. */
export interface Frame {
  /** Once. */
  prompt: number;
  /** For each message. */
  message: number;
  /** Once, where the request offers tools. */
  tools: number;
  /** For each call of a tool with its answer. */
  call: number;
  /** What of the JSON of the tools the model reads, as a share. */
  toolShare: number;
}

interface Family extends Tokenizer {
  name: RegExp;
}

const frame = (prompt: number, message: number, tools = 0, call = 0, toolShare = 1): Frame => ({
  prompt,
  message,
  tools,
  call,
  toolShare,
});

/**
 * Models whose tokenizers are not published, or not as a library for Node: counted with the newest of OpenAI's, a
 * factor and a frame. All are those of recorded exchanges whose tokens the provider states (docs/tokens.md), the band
 * wider where published measurements are. The first that fits holds.
 */
const FAMILIES: readonly Family[] = (
  [
    // A new tokenizer since Opus 4.7: 1.0 to 1.47 times the tokens of 4.6 in published counts, English prose the most.
    // https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-7
    [/claude-(?:(?:opus|sonnet|haiku)-(?:4-[7-9]|[5-9])|[a-z]+-[5-9])/, 1.47, 0.3, frame(10, 0, 450, 60)],
    [/claude/, 1.15, 0.2, frame(5, 0, 380, 150)],
    [/gemini|gemma/, 1.07, 0.2, frame(0, 0, 0, 0, 0.7)],
    [/mi[sx]tral|codestral|pixtral|devstral|voxtral/, 1.1, 0.2, frame(4, 0, 12, 10)],
    [/llama-?4/, 1.04, 0.15, frame(10, 4, 660, 20)],
    [/llama-?3[.-][1-3]/, 1.04, 0.15, frame(30, 5, 120, 10)],
    [/llama/, 1.04, 0.15, frame(5, 5, 120, 10)],
    [/nova-2/, 1.02, 0.15, frame(0, 0, 855, 60)],
    [/nova-/, 1.02, 0.15, frame(0, 0, 350, 30)],
    [/glm-/, 1.05, 0.15, frame(3, 4, 100, 10)],
    [/deepseek/, 1.03, 0.15, frame(4, 0, 250, 20)],
    [/qwen|qwq/, 1.05, 0.15, frame(5, 4, 220, 20)],
    [/gpt-oss/, 1, 0.15, frame(64, 4, 25, 10)],
  ] as const
).map(([name, factor, band, added]) => ({ name, encoding: 'o200k_base', factor, band, frame: added }));

/** Names of OpenAI's models, wherever they run. */
const OPENAI = /^(?:ft:)?(?:gpt|chatgpt|codex|o\d|text-|code-|davinci|babbage|curie|ada)/;

/** Of a model nobody has measured: the newest encoding of OpenAI's, and a wide band. */
const UNKNOWN: Tokenizer = { encoding: 'o200k_base', factor: 1, band: 0.3 };

/** The tokenizer for a model by its name, with or without a provider, a region or a path before it. */
export function tokenizerOf(model: string): Tokenizer {
  const name = model.toLowerCase();
  const family = FAMILIES.find((candidate) => candidate.name.test(name));
  if (family) return family;
  const isOpenAi = OPENAI.test(name.slice(name.lastIndexOf('/') + 1).replace(/^openai\./, ''));
  return isOpenAi ? { encoding: encodingOf(model), factor: 1, band: 0 } : UNKNOWN;
}
