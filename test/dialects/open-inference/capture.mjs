/**
 * Captures spans of OpenInference's instrumentations, and of what its core package offers for an app's own work:
 *
 *     npm ci --ignore-scripts --prefix test/dialects/open-inference && node test/dialects/open-inference/capture.mjs
 */
import Anthropic from '@anthropic-ai/sdk';
import {
  setMetadata,
  setSession,
  setTags,
  setUser,
  traceAgent,
  traceChain,
  traceTool,
} from '@arizeai/openinference-core';
import { AnthropicInstrumentation } from '@arizeai/openinference-instrumentation-anthropic';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { context } from '@opentelemetry/api';
import OpenAI from 'openai';
import { recordFixtures } from '../record-fixtures.mjs';

/** What the stand-in provider is to answer. @param {string} word */
const answer = (word) => ({ headers: { 'x-stand-in': word } });

await recordFixtures('open-inference', (provider, baseURL) => {
  const openaiInstrumentation = new OpenAIInstrumentation({ tracerProvider: provider });
  openaiInstrumentation.manuallyInstrument(OpenAI);
  const anthropicInstrumentation = new AnthropicInstrumentation({ tracerProvider: provider });
  anthropicInstrumentation.manuallyInstrument(Anthropic);
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${baseURL}/v1` });
  const anthropic = new Anthropic({ apiKey: 'none', baseURL });
  const tools = [
    {
      type: 'function',
      function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    },
  ];
  const tracer = provider.getTracer('app');
  return {
    'openai-chat': () =>
      openai.chat.completions.create(
        {
          model: 'gpt-4o-mini',
          temperature: 0.2,
          max_tokens: 200,
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: 'What does the manual say?' },
          ],
        },
        answer('cached'),
      ),
    'openai-tools': () =>
      openai.chat.completions.create(
        {
          model: 'gpt-4o-mini',
          tools,
          messages: [
            {
              role: 'user',
              content: [
                { type: 'text', text: 'Where is this?' },
                { type: 'image_url', image_url: { url: 'https://example.com/tower.png' } },
              ],
            },
            {
              role: 'assistant',
              tool_calls: [
                { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Lyon"}' } },
              ],
            },
            { role: 'tool', tool_call_id: 'call_1', content: '14 degrees' },
          ],
        },
        answer('tools'),
      ),
    'openai-stream': async () => {
      const stream = await openai.chat.completions.create(
        {
          model: 'gpt-5',
          stream: true,
          stream_options: { include_usage: true },
          messages: [{ role: 'user', content: 'How warm is it?' }],
        },
        answer('reasoning'),
      );
      for await (const _chunk of stream);
    },
    'openai-responses': () =>
      openai.responses.create({ model: 'gpt-5', input: 'How warm is it?' }, answer('reasoning')),
    'openai-embeddings': () =>
      openai.embeddings.create({ model: 'text-embedding-3-small', input: 'Paris' }, answer('plain')),
    'anthropic-cache': () =>
      anthropic.messages.create(
        {
          model: 'claude-sonnet-4-5',
          max_tokens: 100,
          system: 'Be brief.',
          messages: [{ role: 'user', content: 'What does the manual say?' }],
        },
        answer('cache-write'),
      ),
    'anthropic-stream': async () => {
      const stream = await anthropic.messages.create(
        {
          model: 'claude-sonnet-4-5',
          max_tokens: 100,
          stream: true,
          messages: [{ role: 'user', content: 'What does the manual say?' }],
        },
        answer('cache-write'),
      );
      for await (const _event of stream);
    },
    agent: () => {
      const within = setTags(
        setMetadata(setUser(setSession(context.active(), { sessionId: 'session-1' }), { userId: 'ada' }), {
          feature: 'search',
          attempt: 2,
        }),
        ['beta', 'search'],
      );
      const run = traceAgent(async (question) => `You asked: ${question}`, { name: 'assistant', tracer });
      return context.with(within, () => run('How warm is it?'));
    },
    tool: () =>
      traceTool(async ({ city }) => ({ city, degrees: 14 }), { name: 'get_weather', tracer })({ city: 'Lyon' }),
    chain: () => traceChain(async (text) => text.toUpperCase(), { name: 'pipeline', tracer })('hello'),
  };
});
