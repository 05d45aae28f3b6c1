/**
 * What the stand-in provider says, independent of any API. The counts are disjoint: this is the bill. Each API
 * reports them in its own way (OpenAI's prompt tokens include the cache, Anthropic's input tokens do not, ...).
 *
 * @typedef {object} Usage
 * @property {number} input tokens of the prompt neither read from nor written to the cache
 * @property {number} [cacheRead]
 * @property {number} [cacheWrite5m] written to the cache for five minutes
 * @property {number} [cacheWrite1h] written to the cache for one hour
 * @property {number} output visible tokens of the answer
 * @property {number} [reasoning]
 * @property {number} [webSearches] searches the provider ran
 *
 * @typedef {object} ToolCall
 * @property {string} id
 * @property {string} name
 * @property {string[]} argumentPieces JSON text as it streams
 *
 * @typedef {object} Answer
 * @property {string[]} [text] pieces as they stream
 * @property {string[]} [thinking] reasoning the API shows, in pieces
 * @property {ToolCall[]} [toolCalls]
 * @property {'stop' | 'length' | 'tools'} finish
 * @property {Usage} usage
 */

/** @type {Record<string, Answer>} */
export const ANSWERS = {
  plain: {
    text: ['Paris', ' is', ' sunny', ', 22', '°C', '.'],
    finish: 'stop',
    usage: { input: 24, output: 9 },
  },
  reasoning: {
    thinking: ['Celsius or', ' Fahrenheit?', ' Celsius.'],
    text: ['It is', ' 22 °C', ' in Paris.'],
    finish: 'stop',
    usage: { input: 31, output: 12, reasoning: 192 },
  },
  cached: {
    text: ['As the manual', ' says: yes.'],
    finish: 'stop',
    usage: { input: 46, cacheRead: 3200, output: 8 },
  },
  'cache-write': {
    text: ['I have read', ' the manual.'],
    finish: 'stop',
    usage: { input: 46, cacheRead: 1024, cacheWrite5m: 1536, cacheWrite1h: 640, output: 7 },
  },
  /** Two calls whose arguments arrive interleaved. */
  tools: {
    toolCalls: [
      { id: 'LCWM0K5IkLjASFTllZhX5HM3', name: 'get_weather', argumentPieces: ['{"city":', '"Paris"', '}'] },
      { id: 'mT9pQd2VbN7sYwXcR4aJ8KfE', name: 'get_time', argumentPieces: ['{"zone":', '"Europe/', 'Paris"}'] },
    ],
    finish: 'tools',
    usage: { input: 180, output: 46 },
  },
  structured: {
    text: ['{"city":', '"Paris",', '"degrees":22}'],
    finish: 'stop',
    usage: { input: 88, output: 14 },
  },
  /** The token limit came before the end. */
  incomplete: {
    text: ['Paris is the', ' capital and'],
    finish: 'length',
    usage: { input: 24, output: 5 },
  },
  'web-search': {
    text: ['Today it is', ' sunny in Paris.'],
    finish: 'stop',
    usage: { input: 2068, output: 61, webSearches: 2 },
  },
};

/** Models an alias stands for, as the providers answer them. */
const DATED_MODELS = {
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929',
  'claude-haiku-4-5': 'claude-haiku-4-5-20251001',
};

/** @param {unknown} requested */
export function servedModel(requested) {
  return DATED_MODELS[requested] ?? String(requested);
}

/** Every count of the prompt. @param {Usage} usage */
export function promptTokens({ input, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 }) {
  return input + cacheRead + cacheWrite5m + cacheWrite1h;
}

/** Reads of the cache and, where there were any, writes, as OpenAI details a prompt. @param {Usage} usage */
export function openaiCacheDetails({ cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 }) {
  const written = cacheWrite5m + cacheWrite1h;
  return { cached_tokens: cacheRead, ...(written > 0 && { cache_write_tokens: written }) };
}

/** Visible and hidden tokens of the answer. @param {Usage} usage */
export function completionTokens({ output, reasoning = 0 }) {
  return output + reasoning;
}

/**
 * The pieces of several texts in turn: first of each, second of each, ...
 * @param {string[][]} texts
 * @returns {{ index: number, piece: string }[]}
 */
export function interleave(texts) {
  const rounds = Math.max(0, ...texts.map((pieces) => pieces.length));
  return Array.from({ length: rounds }, (_, round) =>
    texts.flatMap((pieces, index) => (round < pieces.length ? [{ index, piece: pieces[round] }] : [])),
  ).flat();
}
