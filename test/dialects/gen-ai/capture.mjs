/**
 * Captures spans of OpenTelemetry's own instrumentation of OpenAI's client:
 *
 *     npm ci --ignore-scripts --prefix test/dialects/gen-ai && node test/dialects/gen-ai/capture.mjs
 */
import { createRequire } from 'node:module';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai';
import { recordFixtures } from '../record-fixtures.mjs';

/** It wraps what is loaded by `require` after it. */
const require = createRequire(import.meta.url);

/** What the stand-in provider is to answer. @param {string} word */
const answer = (word) => ({ headers: { 'x-stand-in': word } });

await recordFixtures('gen-ai', (tracerProvider, baseURL) => {
  registerInstrumentations({ tracerProvider, instrumentations: [new OpenAIInstrumentation()] });
  const { OpenAI } = require('openai');
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${baseURL}/v1`, maxRetries: 0 });
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What does the manual say?' },
  ];
  return {
    'opentelemetry-openai-chat': () =>
      openai.chat.completions.create(
        { model: 'gpt-4o-mini', temperature: 0.2, max_tokens: 200, messages },
        answer('cached'),
      ),
    'opentelemetry-openai-stream': async () => {
      const stream = await openai.chat.completions.create(
        { model: 'gpt-4o-mini', stream: true, stream_options: { include_usage: true }, messages },
        answer('plain'),
      );
      for await (const chunk of stream) void chunk;
    },
    'opentelemetry-openai-embeddings': () =>
      openai.embeddings.create({ model: 'text-embedding-3-small', input: 'Hi!' }),
    'opentelemetry-openai-failed': () =>
      openai.chat.completions.create({ model: 'gpt-4o-mini', messages }, answer('error-429')),
  };
});
