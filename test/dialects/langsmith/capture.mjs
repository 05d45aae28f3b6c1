/**
 * Captures the spans of LangSmith's OpenTelemetry export: of functions it traces, and of the clients it wraps.
 *
 *     npm ci --ignore-scripts --prefix test/dialects/langsmith && node test/dialects/langsmith/capture.mjs
 */
import { setTimeout as sleep } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { trace } from '@opentelemetry/api';
import { Client } from 'langsmith';
import { initializeOTEL } from 'langsmith/experimental/otel/setup';
import { traceable } from 'langsmith/traceable';
import { wrapAnthropic } from 'langsmith/wrappers/anthropic';
import { wrapOpenAI } from 'langsmith/wrappers';
import OpenAI from 'openai';
import { recordFixtures } from '../record-fixtures.mjs';

/** What the stand-in provider is to answer. @param {string} word */
const answer = (word) => ({ headers: { 'x-stand-in': word } });
const question = [{ role: 'user', content: 'What is the weather in Paris?' }];

await recordFixtures('langsmith', (provider, url) => {
  Object.assign(process.env, {
    LANGSMITH_TRACING: 'true',
    LANGSMITH_TRACING_MODE: 'otel',
    LANGSMITH_API_KEY: 'none',
    LANGSMITH_ENDPOINT: url,
    LANGCHAIN_CALLBACKS_BACKGROUND: 'false',
  });
  trace.setGlobalTracerProvider(provider);
  initializeOTEL({ globalTracerProvider: provider, skipGlobalContextManagerSetup: true });
  const client = new Client();
  const options = { client, metadata: { user_id: 'ada', session_id: 'chat-1', plan: 'pro' }, tags: ['beta', 'web'] };
  const openai = wrapOpenAI(new OpenAI({ apiKey: 'none', baseURL: `${url}/v1`, maxRetries: 0 }), options);
  const anthropic = wrapAnthropic(new Anthropic({ apiKey: 'none', baseURL: url, maxRetries: 0 }), options);
  const chat = (word, more) =>
    openai.chat.completions.create({ model: 'gpt-4o-mini', messages: question, ...more }, answer(word));
  const flushed = async (run) => {
    try {
      return await run();
    } finally {
      // The end of a stream is noticed a little later.
      await sleep(50);
      await client.awaitPendingTraceBatches();
    }
  };
  const cases = {
    agent: () =>
      traceable(
        async (city) => {
          await chat('cached', { temperature: 0.2, max_tokens: 200 });
          return traceable(async (place) => ({ place, degrees: 22 }), {
            name: 'get_weather',
            run_type: 'tool',
            client,
          })(city);
        },
        { name: 'weather', run_type: 'chain', ...options },
      )('Paris'),
    retriever: () =>
      traceable(async () => [{ page_content: 'Paris is sunny.', metadata: { source: 'manual' } }], {
        name: 'search',
        run_type: 'retriever',
        client,
      })('weather'),
    // A stream has a span of its own only below another.
    'openai-stream': () =>
      traceable(
        async () => {
          const stream = await chat('tools', { stream: true, stream_options: { include_usage: true } });
          for await (const chunk of stream) void chunk;
        },
        { name: 'answer', client },
      )(),
    'openai-responses': () => openai.responses.create({ model: 'gpt-5', input: 'Celsius?' }, answer('reasoning')),
    'anthropic-cache-write': () =>
      anthropic.messages.create(
        { model: 'claude-sonnet-4-5', max_tokens: 100, system: 'Be brief.', messages: question },
        answer('cache-write'),
      ),
    failed: () => chat('error-429'),
  };
  return Object.fromEntries(Object.entries(cases).map(([name, run]) => [name, () => flushed(run)]));
});
