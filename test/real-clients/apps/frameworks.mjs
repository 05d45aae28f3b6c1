/** Frameworks over the vendors' APIs: the AI SDK of Vercel with four providers, and LangChain with two. */
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatAnthropic } from '@langchain/anthropic';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { embedMany, generateText, streamText } from 'ai';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const standIn = `${process.env.STAND_IN_URL}/v1`;
const openai = createOpenAI({ apiKey: 'sk-test', baseURL: standIn });
const anthropic = createAnthropic({ apiKey: 'sk-ant-test', baseURL: standIn });
const google = createGoogle({ apiKey: 'test', baseURL: `${process.env.FIXTURE_URL}/v1beta` });
const bedrock = createAmazonBedrock({
  region: 'eu-central-1',
  accessKeyId: 'AKIATEST',
  secretAccessKey: 'test',
  baseURL: process.env.FIXTURE_URL,
});

const MODELS = {
  'openai responses': (name) => openai(name),
  'openai chat': (name) => openai.chat(name),
  anthropic: (name) => anthropic(name),
  google: () => google('gemini-3-flash-preview'),
  bedrock: () => bedrock('anthropic.claude-sonnet-4-5-20250929-v1:0'),
};

const prompt = 'What is the weather in Paris?';
const shown = ({ text, reasoningText, toolCalls, finishReason, usage }) => ({
  text,
  reasoningText,
  toolCalls,
  finishReason,
  usage,
});

async function streamed(model) {
  const result = streamText({ model, prompt, maxRetries: 0 });
  const pieces = [];
  for await (const piece of result.textStream) pieces.push(piece);
  const [text, toolCalls, finishReason, usage] = await Promise.all([
    result.text,
    result.toolCalls,
    result.finishReason,
    result.usage,
  ]);
  return { pieces, ...shown({ text, toolCalls, finishReason, usage }) };
}

const AI = Object.entries(MODELS).flatMap(([vendor, model]) => [
  [`ai, ${vendor}: plain`, async (name) => shown(await generateText({ model: model(name), prompt, maxRetries: 0 }))],
  [`ai, ${vendor}: stream`, (name) => streamed(model(name))],
]);

async function all(stream) {
  const chunks = [];
  for await (const { content, usage_metadata: usage } of await stream) chunks.push({ content, usage });
  return chunks;
}

const answered = ({ content, usage_metadata: usage, response_metadata: metadata }) => ({ content, usage, metadata });
const chatOpenAI = (model, more = {}) =>
  new ChatOpenAI({ model, apiKey: 'sk-test', configuration: { baseURL: standIn }, ...more });
const chatAnthropic = (model) =>
  new ChatAnthropic({ model, apiKey: 'sk-ant-test', anthropicApiUrl: process.env.STAND_IN_URL });

const LANGCHAIN = [
  ['langchain, openai: plain', async (name) => answered(await chatOpenAI(name).invoke(prompt))],
  ['langchain, openai: stream', (name) => all(chatOpenAI(name).stream(prompt))],
  [
    'langchain, openai responses: plain',
    async (name) => answered(await chatOpenAI(name, { useResponsesApi: true }).invoke(prompt)),
  ],
  ['langchain, anthropic: plain', async (name) => answered(await chatAnthropic(name).invoke(prompt))],
  ['langchain, anthropic: stream', (name) => all(chatAnthropic(name).stream(prompt))],
  [
    'langchain, openai embeddings',
    (name) =>
      new OpenAIEmbeddings({ model: name, apiKey: 'sk-test', configuration: { baseURL: standIn } }).embedQuery('Paris'),
  ],
];

const EMBEDDINGS = [
  [
    'ai, openai embeddings',
    async (name) => {
      const { embeddings, usage } = await embedMany({ model: openai.embedding(name), values: ['Paris', 'Rome'] });
      return { embeddings, usage };
    },
  ],
];

// Each call asks for the model it is named after, where its provider is the stand-in.
await runScenarios([[...AI, ...EMBEDDINGS, ...LANGCHAIN].map(([name, scenario]) => [name, () => scenario(name)])]);
