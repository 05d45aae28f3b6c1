import { createRequire } from 'node:module';
import type * as TiktokenModule from 'tiktoken';
import type { Tiktoken, TiktokenEncoding } from 'tiktoken';

/**
 * Encodings by the beginning of a model's name, the first that fits.
 * @see https://github.com/openai/tiktoken/blob/main/tiktoken/model.py
 */
const ENCODINGS: readonly (readonly [name: RegExp, encoding: TiktokenEncoding])[] = [
  [/^(?:ft:)?(?:gpt-4o|gpt-4\.|chatgpt-|codex-|o\d|gpt-[5-9]|gpt-[12]\d)/, 'o200k_base'],
  [/^(?:ft:)?(?:gpt-4|gpt-3|text-embedding-|davinci-002|babbage-002)/, 'cl100k_base'],
  [/^(?:text-davinci-00[23]|code-)/, 'p50k_base'],
  [/^(?:text-(?:davinci|curie|babbage|ada)-001|davinci|curie|babbage|ada)(?::|$)/, 'r50k_base'],
];

/**
 * The encoding of a model, by name, with or without a provider before it (`openai/gpt-4o`). Models of other vendors,
 * who publish no tokenizer, get the newest of OpenAI's: for them a count is an estimate.
 */
export function encodingOf(model: string): TiktokenEncoding {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return ENCODINGS.find(([pattern]) => pattern.test(name))?.[1] ?? 'o200k_base';
}

/** One an encoding, so at most four. Each takes tens of megabytes and is made when it is first used. */
const encoders = new Map<TiktokenEncoding, Tiktoken>();

function encoderFor(encoding: TiktokenEncoding): Tiktoken {
  let encoder = encoders.get(encoding);
  if (!encoder) {
    // Not imported above: loading the tokenizer and its tables takes a quarter of a second.
    const tiktoken = createRequire(import.meta.url)('tiktoken') as typeof TiktokenModule;
    encoder = tiktoken.get_encoding(encoding);
    encoders.set(encoding, encoder);
  }
  return encoder;
}

/**
 * Longest run of one kind of character that is encoded in one piece. Byte pair encoding takes quadratic time in the
 * length of what its splitter does not split, and that is runs of letters, of white space, or of signs and line ends:
 * 100,000 times `a` would take 16 s. (Digits are split after three.)
 */
const MAX_RUN = 256;
const RUN_KINDS = [String.raw`[\p{L}\p{M}]`, String.raw`\s`, String.raw`(?:[^\p{L}\p{N}\s]|[\r\n])`];
const LONG_RUN = new RegExp(RUN_KINDS.map((kind) => `${kind}{${MAX_RUN + 1},}`).join('|'), 'gu');
/** Into which a longer run is cut: half as long takes half the time, and long runs are seldom text. */
const PIECE = new RegExp(`[^]{1,${MAX_RUN / 2}}`, 'gu');

/**
 * The number of tokens of a text, special tokens read as text. Exact unless the text has a run of more than 256
 * letters, white space or signs: that is encoded in pieces of 128, each of which may add a token.
 */
export function countText(text: string, encoding: TiktokenEncoding): number {
  const encoder = encoderFor(encoding);
  let tokens = 0;
  let start = 0;
  for (const { index, 0: run } of text.matchAll(LONG_RUN)) {
    let end = index;
    for (const [piece] of run.matchAll(PIECE)) {
      end += piece.length;
      tokens += encoder.encode_ordinary(text.slice(start, end)).length;
      start = end;
    }
  }
  return tokens + encoder.encode_ordinary(text.slice(start)).length;
}
