/**
 * Captures spans of OpenLLMetry: of its instrumentations, and of what its SDK puts around an app's own work:
 *
 *     npm ci --ignore-scripts --prefix test/dialects/open-llmetry
 *     TRACELOOP_TELEMETRY=false node test/dialects/open-llmetry/capture.mjs
 */
import Anthropic from '@anthropic-ai/sdk';
import * as traceloop from '@traceloop/node-server-sdk';
import OpenAI from 'openai';
import { recordFixtures } from '../record-fixtures.mjs';

/** What the stand-in provider is to answer. @param {string} word */
const answer = (word) => ({ headers: { 'x-stand-in': word } });

await recordFixtures('open-llmetry', (_provider, baseURL, exporter) => {
  traceloop.initialize({
    appName: 'weather',
    disableBatch: true,
    silenceInitializationMessage: true,
    traceloopSyncEnabled: false,
    baseUrl: baseURL,
    exporter,
    instrumentModules: { openAI: OpenAI, anthropic: { Anthropic } },
  });
  const openai = new OpenAI({ apiKey: 'none', baseURL: `${baseURL}/v1` });
  const anthropic = new Anthropic({ apiKey: 'none', baseURL });
  const question = [{ role: 'user', content: 'What does the manual say?' }];
  return {
    workflow: () =>
      traceloop.withAssociationProperties({ user_id: 'ada', session_id: 'chat-1', plan: 'pro' }, () =>
        traceloop.withWorkflow({ name: 'answer' }, () =>
          traceloop.withAgent({ name: 'assistant' }, async () => {
            await traceloop.withTool({ name: 'get_weather' }, async (city) => ({ city, degrees: 14 }), 'Lyon');
            await traceloop.withTask({ name: 'summarise' }, async (text) => text.toUpperCase(), 'sunny');
            await openai.chat.completions.create(
              { model: 'gpt-4o-mini', temperature: 0.2, max_tokens: 200, messages: question },
              answer('cached'),
            );
            await anthropic.messages.create(
              { model: 'claude-sonnet-4-5', max_tokens: 100, messages: question },
              answer('cache-write'),
            );
            return 'done';
          }),
        ),
      ),
  };
});
