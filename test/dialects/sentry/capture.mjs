/**
 * Captures spans of Sentry's AI integrations. From version 11 on its spans go to nobody else.
 *
 *     npm ci --ignore-scripts --prefix test/dialects/sentry && node test/dialects/sentry/capture.mjs
 */
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import * as Sentry from '@sentry/node';
import { generateText, stepCountIs, tool } from 'ai';
import OpenAI from 'openai';
import { z } from 'zod';
import { recordFixtures } from '../record-fixtures.mjs';

/** What the stand-in provider is to answer. @param {string} word */
const answer = (word) => ({ headers: { 'x-stand-in': word } });
const prompt = 'What is the weather in Paris?';
const messages = [{ role: 'user', content: prompt }];
const tools = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'Weather.', parameters: { type: 'object', properties: {} } },
  },
];

let exporter;

/** Its HTTP spans are left out. */
const processor = {
  onStart() {},
  onEnd(span) {
    if (span.attributes['sentry.op']?.startsWith('gen_ai.')) exporter.export([span], () => {});
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};
Sentry.init({
  dsn: 'http://public@localhost:1/1',
  tracesSampleRate: 1,
  sendDefaultPii: true,
  openTelemetrySpanProcessors: [processor],
  integrations: [Sentry.vercelAIIntegration({ force: true })],
});
const recorded = { recordInputs: true, recordOutputs: true };

await recordFixtures('sentry', (_provider, url, sink) => {
  exporter = sink;
  const openai = Sentry.instrumentOpenAiClient(
    new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 }),
    recorded,
  );
  const anthropic = Sentry.instrumentAnthropicAiClient(
    new Anthropic({ apiKey: 'none', baseURL: url, maxRetries: 0 }),
    recorded,
  );
  const chat = (word, more) =>
    openai.chat.completions.create({ model: 'gpt-4o-mini', messages, ...more }, answer(word));
  return {
    'openai-cached': () => chat('cached', { temperature: 0.2, max_tokens: 200 }),
    'openai-tools': () => chat('tools', { tools }),
    'openai-stream': async () => {
      const stream = await chat('plain', { stream: true, stream_options: { include_usage: true } });
      for await (const chunk of stream) void chunk;
    },
    'openai-responses': () => openai.responses.create({ model: 'gpt-5', input: 'Celsius?' }, answer('reasoning')),
    'openai-embeddings': () => openai.embeddings.create({ model: 'text-embedding-3-small', input: ['Paris', 'Rome'] }),
    'openai-failed': () => chat('error-429'),
    'anthropic-cache-write': () =>
      anthropic.messages.create(
        { model: 'claude-sonnet-4-5', max_tokens: 100, system: 'Be brief.', messages },
        answer('cache-write'),
      ),
    'anthropic-stream': async () => {
      const stream = await anthropic.messages.create(
        { model: 'claude-sonnet-4-5', max_tokens: 100, messages, stream: true },
        answer('cached'),
      );
      for await (const event of stream) void event;
    },
  };
});

/** The AI SDK traces itself; Sentry adds to its spans. */
await recordFixtures('vercel-ai', (_provider, url, sink) => {
  exporter = sink;
  const left = ['tools', 'cached'];
  const next = (input, init) => {
    const headers = new Headers(init.headers);
    headers.set('x-stand-in', left.shift());
    return fetch(input, { ...init, headers });
  };
  return {
    'sentry-agent': () =>
      generateText({
        model: createOpenAI({ apiKey: 'none', baseURL: `${url}/v1`, fetch: next }).chat('gpt-4o-mini'),
        prompt,
        tools: {
          get_weather: tool({
            description: 'Weather.',
            inputSchema: z.object({ city: z.string() }),
            execute: async () => 'sunny',
          }),
          get_time: tool({
            description: 'Time.',
            inputSchema: z.object({ zone: z.string() }),
            execute: async () => '12:00',
          }),
        },
        stopWhen: stepCountIs(5),
        maxRetries: 0,
        experimental_telemetry: { isEnabled: true, functionId: 'weather', metadata: { userId: 'ada' }, ...recorded },
      }),
  };
});
process.exit();
