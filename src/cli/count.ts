import { counted } from '../report/numbers.ts';
import { type Command, defineCommand, UsageError } from './command.ts';
import { certaintyOf, countPromptFile, PROMPT_ARGUMENT } from './prompt.ts';

export const count: Command = defineCommand({
  name: 'count',
  summary: 'tokens of a text, of chat messages or of a request, without a network',
  details: `Exact for OpenAI's models where there is only text; formulas for tools, schemas and images; other vendors'
models are estimated, and it is said how well.`,
  argument: PROMPT_ARGUMENT,
  options: {
    model: { type: 'string', value: 'MODEL', help: 'the model that reads it, e.g. gpt-4o' },
    json: { type: 'boolean', help: 'print JSON' },
  },
  async run({ model, json }, terminal, file) {
    if (model === undefined) throw new UsageError('`count` needs a model: --model gpt-4o');
    const result = await countPromptFile(file, model);
    const { tokens, imageTokens, method, exact, band } = result;
    terminal.write(
      json
        ? `${JSON.stringify({ model, tokens, image_tokens: imageTokens, exact, error_band: band, method }, null, 2)}\n`
        : `${counted(tokens, 'token')}, ${certaintyOf(result)}\n`,
    );
    return 0;
  },
});
