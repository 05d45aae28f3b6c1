import type { TiktokenEncoding } from 'tiktoken';
import { encodingOf } from './encoding.ts';

/** How the tokens of a model are counted. */
export interface Tokenizer {
  encoding: TiktokenEncoding;
  /** Tokens of the model for one of the encoding; 1 where the encoding is the model's own. */
  factor: number;
  /** By how much a count may be off, as a share of it: nine of ten texts are within. 0: the tokenizer is exact. */
  band: number;
}

interface Family extends Tokenizer {
  name: RegExp;
}

/**
 * Vendors whose tokenizers are not published, or not as a library: counted with the newest of OpenAI's and a factor.
 * Factors and bands are those of recorded answers whose tokens the provider states (docs/tokens.md); where a row says
 * so, of published measurements. The first that fits holds.
 */
const FAMILIES: readonly Family[] = [
  // A new tokenizer since Opus 4.7: 1.0 to 1.47 times the tokens of 4.6 in published counts, English prose the most.
  // https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-7
  {
    name: /claude-(?:(?:opus|sonnet|haiku)-(?:4-[7-9]|[5-9])|[a-z]+-[5-9])/,
    encoding: 'o200k_base',
    factor: 1.47,
    band: 0.3,
  },
  { name: /claude/, encoding: 'o200k_base', factor: 1.15, band: 0.2 },
  { name: /gemini|gemma/, encoding: 'o200k_base', factor: 1.07, band: 0.2 },
  { name: /mi[sx]tral|codestral|pixtral|devstral|voxtral/, encoding: 'o200k_base', factor: 1.1, band: 0.2 },
  { name: /llama/, encoding: 'o200k_base', factor: 1.04, band: 0.15 },
  { name: /nova-/, encoding: 'o200k_base', factor: 1.02, band: 0.15 },
  { name: /glm-/, encoding: 'o200k_base', factor: 1.05, band: 0.15 },
  { name: /deepseek/, encoding: 'o200k_base', factor: 1.03, band: 0.15 },
  { name: /qwen|qwq/, encoding: 'o200k_base', factor: 1.05, band: 0.15 },
];

/** Names of OpenAI's models, and of its open ones, wherever they run. */
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
