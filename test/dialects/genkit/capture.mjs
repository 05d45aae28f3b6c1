/**
 * Captures spans of Genkit with two of its plugins.
 *
 *     npm ci --ignore-scripts --prefix test/dialects/genkit && node test/dialects/genkit/capture.mjs
 */
import { anthropic } from '@genkit-ai/anthropic';
import { openAI } from '@genkit-ai/compat-oai/openai';
import { trace } from '@opentelemetry/api';
import { genkit, z } from 'genkit';
import { logger } from 'genkit/logging';
import { disableGenkitOTelInitialization } from 'genkit/tracing';
import { recordFixtures } from '../record-fixtures.mjs';

const prompt = 'What is the weather in Paris?';

await recordFixtures('genkit', (provider, url) => {
  disableGenkitOTelInitialization();
  logger.setLogLevel('error');
  trace.setGlobalTracerProvider(provider);
  const { fetch } = globalThis;
  process.env.ANTHROPIC_BASE_URL = url;
  /** An app whose calls get one of the answers after the other. */
  const app = (...answers) => {
    const next = (input, init) => {
      const headers = new Headers(init?.headers);
      if (init?.body) headers.set('x-stand-in', answers.shift());
      return fetch(input, { ...init, headers });
    };
    // Only one of the plugins can be given a `fetch`.
    globalThis.fetch = next;
    const ai = genkit({
      plugins: [
        openAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0, fetch: next }),
        anthropic({ apiKey: 'none' }),
      ],
    });
    const getWeather = ai.defineTool(
      {
        name: 'get_weather',
        description: 'Weather.',
        inputSchema: z.object({ city: z.string() }),
        outputSchema: z.any(),
      },
      async ({ city }) => ({ city, degrees: 22 }),
    );
    const getTime = ai.defineTool(
      { name: 'get_time', description: 'Time.', inputSchema: z.object({ zone: z.string() }), outputSchema: z.any() },
      async () => '12:00',
    );
    return { ai, tools: [getWeather, getTime] };
  };
  const model = 'openai/gpt-4o-mini';
  return {
    flow: () => {
      const { ai, tools } = app('tools', 'cached');
      const flow = ai.defineFlow('weather', async (city) => {
        const { text } = await ai.generate({
          model,
          system: 'Be brief.',
          prompt: `What is the weather in ${city}?`,
          tools,
          config: { temperature: 0.2, maxOutputTokens: 200 },
        });
        return text;
      });
      return flow('Paris', { context: { auth: { uid: 'ada' } } });
    },
    stream: async () => {
      const { stream, response } = app('reasoning').ai.generateStream({ model, prompt });
      for await (const chunk of stream) void chunk;
      await response;
    },
    'cache-write': () => app('cache-write').ai.generate({ model: 'anthropic/claude-sonnet-4-5', prompt }),
    failed: () => app('error-429').ai.generate({ model, prompt }),
    embed: () => app('plain').ai.embed({ embedder: 'openai/text-embedding-3-small', content: 'Paris' }),
  };
});
