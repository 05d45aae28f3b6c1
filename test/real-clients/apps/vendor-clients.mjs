/** The vendors' own clients, plain and streamed, against whatever is at VENDOR_URL. */
import { Mistral } from '@mistralai/mistralai';
import { CohereClient, CohereClientV2 } from 'cohere-ai';
import Groq from 'groq-sdk';
import { Ollama } from 'ollama';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const url = process.env.VENDOR_URL;
const cohere = new CohereClientV2({ token: 'test', environment: url });
const cohere1 = new CohereClient({ token: 'test', environment: url });
const ollama = new Ollama({ host: url });
const mistral = new Mistral({ apiKey: 'test', serverURL: url });
const groq = new Groq({ apiKey: 'test', baseURL: url });

async function all(events) {
  const seen = [];
  for await (const event of await events) seen.push(event);
  return seen;
}

const messages = [{ role: 'user', content: 'Is 91 prime?' }];
const documents = ['Neap tides follow the half moon.', 'Spring tides follow the full moon.'];

const SCENARIOS = {
  'cohere chat': () => cohere.chat({ model: 'command-a-03-2025', messages }),
  'cohere chat stream': () => all(cohere.chatStream({ model: 'command-a-03-2025', messages })),
  'cohere embed': () =>
    cohere.embed({ model: 'embed-v4.0', texts: ['ebb'], inputType: 'search_query', embeddingTypes: ['float'] }),
  'cohere rerank': () => cohere.rerank({ model: 'rerank-v3.5', query: 'When are spring tides?', documents }),
  'cohere 1 chat': () => cohere1.chat({ message: 'And tomorrow?' }),
  'cohere 1 chat stream': () => all(cohere1.chatStream({ message: 'And tomorrow?' })),
  'cohere 1 generate': () => cohere1.generate({ prompt: 'Name a wind.' }),
  'ollama chat': () => ollama.chat({ model: 'qwen3:8b', messages }),
  'ollama chat stream': async () => all(await ollama.chat({ model: 'qwen3:8b', messages, stream: true })),
  'ollama generate': () => ollama.generate({ model: 'llama3.2', prompt: 'Name a wind.' }),
  'ollama generate stream': async () =>
    all(await ollama.generate({ model: 'llama3.2', prompt: 'Name a wind.', stream: true })),
  'ollama embed': () => ollama.embed({ model: 'nomic-embed-text', input: ['ebb', 'flood'] }),
  'mistral chat': () => mistral.chat.complete({ model: 'magistral-medium-latest', messages }),
  'mistral chat stream': () => all(mistral.chat.stream({ model: 'magistral-medium-latest', messages })),
  'mistral agent': () => mistral.agents.complete({ agentId: 'ag_0193', messages }),
  'mistral fim': () => mistral.fim.complete({ model: 'codestral-latest', prompt: 'def tide(', suffix: 'return high' }),
  'mistral fim stream': () =>
    all(mistral.fim.stream({ model: 'codestral-latest', prompt: 'def tide(', suffix: 'return high' })),
  'mistral embed': () => mistral.embeddings.create({ model: 'mistral-embed', inputs: ['ebb', 'flood'] }),
  'mistral conversation': () =>
    mistral.beta.conversations.start({ model: 'mistral-medium-latest', inputs: 'And in Roscoff?' }),
  'mistral conversation stream': () =>
    all(mistral.beta.conversations.startStream({ model: 'mistral-medium-latest', inputs: 'And in Roscoff?' })),
  'groq chat': () => groq.chat.completions.create({ model: 'openai/gpt-oss-20b', messages }),
  'groq chat stream': () => all(groq.chat.completions.create({ model: 'openai/gpt-oss-20b', messages, stream: true })),
};

await runScenarios([Object.entries(SCENARIOS)]);
