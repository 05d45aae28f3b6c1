/** Scenarios only one client family has. */
import { collect, outcome } from './observe.mjs';

const STREAM = { stream: true };

/** @type {Record<string, Record<string, (app: any) => Promise<unknown>>>} */
export const CLIENT_SCENARIOS = {
  openai: {
    async 'stream with usage'({ client, model }) {
      const body = { model, messages: [{ role: 'user', content: 'Hi' }], stream_options: { include_usage: true } };
      return collect(await client.chat.completions.create({ ...body, ...STREAM }));
    },
    embeddings: ({ client, model }) => outcome(() => client.embeddings.create({ model, input: ['one', 'two'] })),
    'embeddings as numbers': ({ client, model }) =>
      outcome(() => client.embeddings.create({ model, input: 'one', encoding_format: 'float' })),
    'legacy completions': ({ client, model }) => outcome(() => client.completions.create({ model, prompt: 'Hi' })),
    async 'legacy completions, stream'({ client, model }) {
      return collect(await client.completions.create({ model, prompt: 'Hi', ...STREAM }));
    },
    'no call of a model': ({ client }) => outcome(() => client.models.list()),
  },
  anthropic: {
    beta: ({ client, model, headers }) =>
      outcome(() =>
        client.beta.messages.create(
          { model, max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }], betas: ['context-1m-2025-08-07'] },
          headers('cache-write'),
        ),
      ),
    'no call of a model': ({ client }) => outcome(() => client.models.list()),
  },
};
