// What the stand-in for the providers answers, and what it bills: counts are disjoint, in tokens.
import { ANSWERS } from '../../test/support/stand-in/answers.mjs';

/** By words of the last message of a request. */
const SCRIPT = {
  'Where is my order': {
    toolCalls: [{ id: 'LCWM0K5IkLjASFTllZhX5HM3', name: 'find_order', argumentPieces: ['{"number":', '"4711"}'] }],
    finish: 'tools',
    usage: { input: 2310, output: 18 },
  },
  'Has order': {
    toolCalls: [{ id: 'mT9pQd2VbN7sYwXcR4aJ8KfE', name: 'find_order', argumentPieces: ['{"number":', '"4712"}'] }],
    finish: 'tools',
    usage: { input: 262, cacheRead: 2048, output: 18 },
  },
  '"state":"shipped"': {
    text: ['It was shipped', ' and arrives', ' on Friday.'],
    finish: 'stop',
    usage: { input: 305, cacheRead: 2048, output: 11 },
  },
  'A flat tour': {
    thinking: ['Along the Marne,', ' then.'],
    text: ['Follow the Marne to Meaux: 41 km without a hill.'],
    finish: 'stop',
    usage: { input: 28, output: 17, reasoning: 832 },
  },
  'Summarise the report': {
    text: ['A good year: 1,204 bicycles sold, 9 % more than the year before.'],
    finish: 'stop',
    usage: { input: 14, cacheWrite5m: 18240, output: 24 },
  },
  'How many bicycles': {
    thinking: ['1,204 and 9 %', ' more again.'],
    text: ['About 1,300,', ' if the trend', ' holds.'],
    finish: 'stop',
    usage: { input: 17, cacheRead: 18240, output: 14, reasoning: 391 },
  },
  'Translate to French': {
    text: ['Une bonne année : 1 204 vélos vendus, 9 % de plus que l’année précédente.'],
    finish: 'stop',
    usage: { input: 41, output: 33 },
  },
};

export const answers = {
  ...ANSWERS,
  ...Object.fromEntries(Object.values(SCRIPT).map((answer, index) => [`demo-${index}`, answer])),
};

/** Which of the answers a request gets. */
export function choose({ messages, input }) {
  const asked = JSON.stringify(messages?.at(-1) ?? input).replaceAll('\\"', '"');
  return `demo-${Object.keys(SCRIPT).findIndex((words) => asked.includes(words))}`;
}

/** The providers' list prices in USD for a million tokens; what is not listed is not used here. */
const PRICES = {
  'gpt-4o-mini': { input: 0.15, cacheRead: 0.075, output: 0.6 },
  'gpt-5': { input: 1.25, cacheRead: 0.125, output: 10 },
  'claude-sonnet-4-6': { input: 3, cacheRead: 0.3, cacheWrite5m: 3.75, output: 15 },
  'claude-haiku-4-5': { input: 1, cacheRead: 0.1, cacheWrite5m: 1.25, output: 5 },
};

/** What the provider bills for its answers: tokens, and money in billionths of a dollar. Reasoning is billed as output. */
export function bill(exchanges) {
  const total = { calls: 0, input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, nanodollars: 0 };
  for (const { body, usage } of exchanges) {
    const price = PRICES[body.model];
    const { input, cacheRead = 0, cacheWrite5m = 0, output, reasoning = 0 } = usage;
    total.calls++;
    total.input += input;
    total.cacheRead += cacheRead;
    total.cacheWrite += cacheWrite5m;
    total.output += output;
    total.reasoning += reasoning;
    const tokens = { input, cacheRead, cacheWrite5m, output: output + reasoning };
    for (const [kind, count] of Object.entries(tokens)) {
      if (count > 0) total.nanodollars += count * Math.round(price[kind] * 1000);
    }
  }
  return total;
}
