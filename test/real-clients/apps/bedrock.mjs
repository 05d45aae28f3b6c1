/** The AWS SDK, by its own choice over HTTP/2, and over HTTP/1.1; undici, which has HTTP/2 sessions of its own. */
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { H2CClient } from 'undici';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const options = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
  maxAttempts: 1,
};
const CLIENTS = {
  'http/2': new BedrockRuntimeClient({ ...options, endpoint: process.env.BEDROCK_HTTP2_URL }),
  'http/1.1': new BedrockRuntimeClient({
    ...options,
    endpoint: process.env.BEDROCK_HTTP1_URL,
    requestHandler: new NodeHttpHandler(),
  }),
};

const CLAUDE = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const NATIVE = {
  'global.anthropic.claude-sonnet-4-5-20250929-v1:0': {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 300,
    messages: [{ role: 'user', content: 'Name two rivers.' }],
  },
  'us.amazon.nova-lite-v1:0': { messages: [{ role: 'user', content: [{ text: 'Two rivers?' }] }] },
  'meta.llama3-8b-instruct-v1:0': { prompt: 'Two rivers?', max_gen_len: 32 },
  'ai21.jamba-1-5-mini-v1:0': { messages: [{ role: 'user', content: 'Two rivers?' }] },
};
/** What its stream has cost is not known when it is left. */
const LEFT = ['amazon.titan-text-express-v1', { inputText: 'Two rivers?' }];
const EMBEDDING = { 'cohere.embed-v4:0': { texts: ['Rhine'], input_type: 'search_query' } };

const conversation = (modelId) => ({ modelId, messages: [{ role: 'user', content: [{ text: 'Wie warm ist es?' }] }] });
const native = ([modelId, body]) => ({ modelId, contentType: 'application/json', body: JSON.stringify(body) });

async function all(events) {
  const seen = [];
  for await (const event of events) seen.push(event);
  return seen;
}

function scenariosOf(name, client) {
  const converseStream = async (modelId) =>
    (await client.send(new ConverseStreamCommand(conversation(modelId)))).stream;
  return [
    ['Converse', () => client.send(new ConverseCommand(conversation(CLAUDE)))],
    ['ConverseStream', async () => all(await converseStream(CLAUDE))],
    [
      'a stream that is left',
      async () => {
        const { body } = await client.send(new InvokeModelWithResponseStreamCommand(native(LEFT)));
        for await (const event of body) return event;
      },
    ],
    ['throttled in a stream', async () => all(await converseStream('amazon.nova-pro-v1:0'))],
    ['throttled', () => client.send(new ConverseCommand(conversation('amazon.nova-pro-v1:0')))],
    ['an unknown model', () => client.send(new ConverseCommand(conversation('nobody.knows-v1:0')))],
    ...[...Object.entries(NATIVE), ...Object.entries(EMBEDDING)].map((request) => [
      `InvokeModel ${request[0]}`,
      async () => {
        const { body, ...rest } = await client.send(new InvokeModelCommand(native(request)));
        return [body.transformToString(), rest];
      },
    ]),
    ...Object.entries(NATIVE).map((request) => [
      `InvokeModelWithResponseStream ${request[0]}`,
      async () => {
        const { body, ...rest } = await client.send(new InvokeModelWithResponseStreamCommand(native(request)));
        return [(await all(body)).map(({ chunk }) => Buffer.from(chunk.bytes).toString()), rest];
      },
    ]),
    [
      'an abort',
      () => client.send(new ConverseCommand(conversation(CLAUDE)), { abortSignal: AbortSignal.abort('enough') }),
    ],
  ].map(([what, run]) => [`${name}: ${what}`, run]);
}

const undici = new H2CClient(process.env.BEDROCK_HTTP2_URL);

async function converseByUndici() {
  const { modelId, ...conversationOnly } = conversation(CLAUDE);
  const body = JSON.stringify(conversationOnly);
  const response = await undici.request({ method: 'POST', path: `/model/${modelId}/converse`, body });
  return response.body.json();
}

await runScenarios([
  ...Object.entries(CLIENTS).map(([name, client]) => scenariosOf(name, client)),
  [['undici: Converse', converseByUndici]],
]);
for (const client of [...Object.values(CLIENTS), undici]) client.destroy();
