/** What the app asks for. Every variant gets the same requests and the same bytes. */

const messages = [
  { role: 'system', content: 'You answer in one sentence, in the language of the question.' },
  { role: 'user', content: 'What is the weather like in Paris today, and what should I wear?' },
];
const request = { model: 'gpt-4o-mini', messages, temperature: 0.2 };
const usage = { input: 41, output: 50 };

/**
 * @typedef {object} Case
 * @property {string} label
 * @property {object} request
 * @property {import('../test/support/stand-in/answers.mjs').Answer} answer
 * @property {number} calls measured in one process
 * @property {number} warmUp calls before them: until then the compiler is still at work
 */

/** @type {Record<string, Case>} */
export const CASES = {
  chat: {
    label: 'chat, JSON of 0.8 KB',
    request,
    answer: { text: ['It is sunny at 22 °C: wear something light.'], finish: 'stop', usage },
    calls: 2_000,
    warmUp: 4_000,
  },
  stream: {
    label: 'chat, stream of 53 events',
    request: { ...request, stream: true, stream_options: { include_usage: true } },
    // Beside the text: the role, the finish reason, the usage and [DONE].
    answer: { text: Array.from({ length: 49 }, (_, index) => ` word${index}`), finish: 'stop', usage },
    calls: 1_000,
    warmUp: 2_000,
  },
  large: {
    label: 'chat, JSON of 21 KB',
    request,
    answer: { text: ['Paris is sunny, "22 °C".\n'.repeat(750)], finish: 'stop', usage },
    calls: 1_500,
    warmUp: 3_000,
  },
};
