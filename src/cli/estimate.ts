import { calculateCost } from '../cost/index.ts';
import { counted } from '../report/numbers.ts';
import { defined } from '../util/json-read.ts';
import { type Command, CommandError, defineCommand, UsageError } from './command.ts';
import { certaintyOf, countPromptFile, PROMPT_ARGUMENT } from './prompt.ts';

export const estimate: Command = defineCommand({
  name: 'estimate',
  summary: 'what a call will cost before it is made',
  details: `Counts the input as \`count\` does and adds the output you expect, at today's list prices, without caches.`,
  argument: PROMPT_ARGUMENT,
  options: {
    model: { type: 'string', value: 'MODEL', help: 'the model that is called, e.g. gpt-4o' },
    'output-tokens': { type: 'string', value: 'N', help: 'how long the answer may get' },
    provider: { type: 'string', value: 'NAME', help: 'who serves the model (default: its vendor)' },
    json: { type: 'boolean', help: 'print JSON, with the exact cost' },
  },
  async run({ model, 'output-tokens': outputText, provider, json }, terminal, file) {
    if (model === undefined) throw new UsageError('`estimate` needs a model: --model gpt-4o');
    const output = parseCount(outputText);
    const input = await countPromptFile(file, model);
    const cost = calculateCost({ model, usage: { input: input.tokens, output }, ...defined({ provider }) });
    if (cost.usd === undefined) throw new CommandError(`no price: ${cost.unpriced.message}`);
    const { exactUsd, details, assumptions } = cost;
    terminal.write(
      json
        ? `${JSON.stringify(
            {
              model,
              usd: exactUsd,
              details,
              input_tokens: input.tokens,
              output_tokens: output,
              exact: input.exact,
              error_band: input.band,
              method: input.method,
              assumptions,
            },
            null,
            2,
          )}\n`
        : `$${exactUsd} for ${counted(input.tokens, 'token')} of input, ${certaintyOf(input)}, and ${counted(output, 'token')} of output\n`,
    );
    return 0;
  },
});

function parseCount(text: string | undefined): number {
  if (text === undefined) throw new UsageError('`estimate` needs the length of the answer: --output-tokens 500');
  const digits = text.replaceAll(/[_,]/g, '');
  if (!/^\d{1,12}$/.test(digits)) throw new UsageError(`--output-tokens \`${text}\` is no count: write e.g. 500`);
  return Number(digits);
}
