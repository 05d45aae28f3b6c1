/**
 * Captures spans of OpenLIT: of the clients it traces, and of what an app traces with it.
 *
 *     npm ci --ignore-scripts --prefix test/dialects/openlit && node test/dialects/openlit/capture.mjs
 */
import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import { recordFixtures } from '../record-fixtures.mjs';

/** It patches what is required. */
const require = createRequire(import.meta.url);

/** What the stand-in provider is to answer. @param {string} word */
const answer = (word) => ({ headers: { 'x-stand-in': word } });
const question = [{ role: 'user', content: 'What is the weather in Paris?' }];
const tools = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'Weather.', parameters: { type: 'object', properties: {} } },
  },
];

await recordFixtures('openlit', (provider, url) => {
  trace.setGlobalTracerProvider(provider);
  // By this it knows a provider that it may use.
  Object.assign(trace.getTracerProvider(), { addSpanProcessor() {} });
  const openlit = require('openlit').default;
  openlit.init({
    applicationName: 'weather',
    environment: 'test',
    otlpEndpoint: url,
    disableMetrics: true,
    pricingJson: {
      chat: { 'gpt-4o-mini': { promptPrice: 0.00015, completionPrice: 0.0006 } },
      embeddings: { 'text-embedding-3-small': 0.00002 },
    },
  });
  const OpenAI = require('openai').default;
  const Anthropic = require('@anthropic-ai/sdk').default;
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: 'none', baseURL: url, maxRetries: 0 });
  const chat = (more, word) =>
    openai.chat.completions.create({ model: 'gpt-4o-mini', messages: question, ...more }, answer(word));
  return {
    'openai-cached': () => chat({ temperature: 0.2, seed: 7, user: 'ada' }, 'cached'),
    'openai-tools': () => chat({ tools }, 'tools'),
    'openai-stream': async () => {
      for await (const chunk of await chat({ stream: true, stream_options: { include_usage: true } }, 'plain'))
        void chunk;
    },
    'openai-responses': () => openai.responses.create({ model: 'gpt-5', input: 'Celsius?' }, answer('reasoning')),
    'openai-embeddings': () => openai.embeddings.create({ model: 'text-embedding-3-small', input: ['Paris', 'Rome'] }),
    'openai-failed': () => chat({}, 'error-429'),
    'anthropic-cache-write': () =>
      anthropic.messages.create(
        { model: 'claude-sonnet-4-5', max_tokens: 100, system: 'Be brief.', messages: question },
        answer('cache-write'),
      ),
    'anthropic-stream': async () => {
      const stream = await anthropic.messages.create(
        { model: 'claude-sonnet-4-5', max_tokens: 100, messages: question, stream: true },
        answer('cached'),
      );
      for await (const event of stream) void event;
    },
    trace: () =>
      openlit.trace('answer', async (span) => {
        await chat({}, 'plain');
        span.setMetadata({ plan: 'pro' });
        span.setResult('sunny in Paris');
      }),
  };
});
process.exit();
