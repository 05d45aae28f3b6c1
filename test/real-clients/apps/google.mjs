/** Google's client, of the Gemini API and of Vertex AI with a key and with a token. */
import { GoogleGenAI } from '@google/genai';
import { OAuth2Client } from 'google-auth-library';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const httpOptions = { baseUrl: process.env.GOOGLE_URL };
const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: 'ya29.test', expiry_date: 4_000_000_000_000 });

const gemini = new GoogleGenAI({ apiKey: 'test', httpOptions });
const CLIENTS = {
  gemini,
  'vertex with a key': new GoogleGenAI({ vertexai: true, apiKey: 'test', httpOptions }),
  'vertex with a token': new GoogleGenAI({
    vertexai: true,
    project: 'acme',
    location: 'europe-west4',
    googleAuthOptions: { authClient },
    httpOptions,
  }),
};

async function all(stream) {
  const chunks = [];
  for await (const chunk of await stream) chunks.push(chunk);
  return chunks;
}

function scenariosOf(name, { models, chats }) {
  const question = { model: 'gemini-3-flash-preview', contents: 'Is it raining?' };
  return [
    [`${name}: plain`, () => models.generateContent(question)],
    [`${name}: streamed`, () => all(models.generateContentStream(question))],
    [
      `${name}: a stream that is left`,
      async () => {
        const left = { ...question, model: 'gemini-2.5-flash-lite' };
        for await (const chunk of await models.generateContentStream(left)) return chunk;
      },
    ],
    [
      `${name}: chat`,
      async () => {
        const chat = chats.create({ model: question.model, config: { systemInstruction: 'Be short.' } });
        const answer = await chat.sendMessage({ message: 'Is it raining?' });
        return [answer.text, await all(chat.sendMessageStream({ message: 'And tomorrow?' })), chat.getHistory()];
      },
    ],
    [
      `${name}: a search`,
      () =>
        all(
          models.generateContentStream({
            ...question,
            model: 'gemini-2.5-pro',
            config: { tools: [{ googleSearch: {} }] },
          }),
        ),
    ],
    [`${name}: embedding`, () => models.embedContent({ model: 'gemini-embedding-2', contents: ['hello', 'world'] })],
    [`${name}: an error`, () => models.generateContent({ ...question, model: 'gemini-nonsense' })],
    [`${name}: counted tokens`, () => models.countTokens(question)],
  ];
}

await runScenarios([
  ...Object.entries(CLIENTS).map(([name, client]) => scenariosOf(name, client)),
  [
    ['interaction: plain', () => gemini.interactions.create({ model: 'gemini-2.5-flash', input: 'Weather?' })],
    [
      'interaction: streamed',
      () => all(gemini.interactions.create({ model: 'gemini-2.5-flash', input: 'Weather?', stream: true })),
    ],
  ],
]);
