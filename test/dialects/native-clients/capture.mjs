/**
 * Captures the spans that clients make of their calls themselves.
 *
 *     npm ci --prefix test/dialects/native-clients && node test/dialects/native-clients/capture.mjs
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { HTTPClient, Mistral } from '@mistralai/mistralai';
import { configureTelemetry } from '@mistralai/mistralai/extra/observability/index.js';
import { recordFixtures } from '../record-fixtures.mjs';

const WIRE = path.join(import.meta.dirname, '..', '..', 'fixtures', 'wire');
const QUESTION = 'What is the weather in Paris?';

await recordFixtures('anthropic-sdk', anthropicCases);
await recordFixtures('mistral-sdk', mistralCases);

function anthropicCases(tracerProvider, baseURL) {
  const openTelemetry = { tracerProvider, traces: { contentMode: 'content' } };
  const connect = (answer) =>
    new Anthropic({ apiKey: 'none', baseURL, maxRetries: 0, openTelemetry, defaultHeaders: { 'x-stand-in': answer } });
  const request = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: QUESTION }] };
  return {
    'cache-write': () =>
      connect('cache-write').messages.create({ ...request, system: 'Be brief.', stop_sequences: ['END'] }),
    stream: () => connect('cached').messages.stream(request).finalMessage(),
    reasoning: () =>
      connect('reasoning').messages.create({ ...request, thinking: { type: 'enabled', budget_tokens: 1024 } }),
    failed: () => connect('error-429').messages.create(request),
    'count-tokens': () => connect('plain').messages.countTokens({ model: request.model, messages: [] }),
    'tool-runner': async () =>
      await connect('tools').beta.messages.toolRunner({
        ...request,
        max_iterations: 2,
        tools: [tool('get_weather', 'city', '22 degrees'), tool('get_time', 'zone', '12:00')],
      }),
  };
}

/** A tool of one parameter. */
function tool(name, parameter, result) {
  return betaTool({
    name,
    description: 'Looks it up.',
    inputSchema: { type: 'object', properties: { [parameter]: { type: 'string' } }, required: [parameter] },
    run: async () => result,
  });
}

function mistralCases(tracerProvider) {
  const connect = async (fixture) => {
    const client = new Mistral({ apiKey: 'none', httpClient: new HTTPClient({ fetcher: answerWith(fixture) }) });
    await configureTelemetry(client, tracerProvider);
    return client;
  };
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: QUESTION },
  ];
  return {
    chat: async () =>
      (await connect('openai.chat/mistral.response.json')).chat.complete({
        model: 'magistral-medium-latest',
        temperature: 0.2,
        messages,
      }),
    stream: async () => {
      const client = await connect('openai.chat/mistral.sse');
      for await (const _ of await client.chat.stream({ model: 'mistral-large-latest', messages }));
    },
    embeddings: async () =>
      (await connect('openai.embeddings/mistral.response.json')).embeddings.create({
        model: 'mistral-embed',
        inputs: ['Paris', 'Rome'],
      }),
    conversation: async () =>
      (await connect('mistral_ai.conversations/search.response.json')).beta.conversations.start({
        model: 'mistral-medium-latest',
        inputs: QUESTION,
      }),
  };
}

/** What the stand-in does not play is answered with a recorded response. */
function answerWith(fixture) {
  const body = readFileSync(path.join(WIRE, fixture));
  const type = fixture.endsWith('.sse') ? 'text/event-stream' : 'application/json';
  return async () => new Response(body, { headers: { 'content-type': type } });
}
