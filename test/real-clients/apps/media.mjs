/** OpenAI's clients where the request or the answer is a form, text or media: on `fetch` (6) and on `node:http` (4). */
import OpenAI4, { toFile as toFile4 } from 'openai4';
import OpenAI6, { toFile as toFile6 } from 'openai6';
import { runScenarios } from '../../behaviour/run-scenarios.mjs';

const AUDIO = Buffer.from('ID3 a little sound');
const options = { apiKey: 'sk-test', baseURL: `${process.env.MEDIA_URL}/v1`, maxRetries: 0 };
const CLIENTS = {
  'openai 4': [new OpenAI4(options), toFile4],
  'openai 6': [new OpenAI6(options), toFile6],
};

const scenariosOf = ([title, [client, toFile]]) => {
  const sound = () => toFile(AUDIO, 'talk.mp3', { type: 'audio/mpeg' });
  return Object.entries({
    'an image': () => client.images.generate({ model: 'gpt-image-1', prompt: 'A cat' }),
    'an image by the piece': () => client.images.generate({ model: 'dall-e-3', prompt: 'A cat' }),
    'an edit': async () =>
      client.images.edit({
        model: 'gpt-image-1',
        prompt: 'A hat',
        image: await toFile(AUDIO, 'cat.png', { type: 'image/png' }),
      }),
    speech: async () => {
      const response = await client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Grüezi 👋' });
      return Buffer.from(await response.arrayBuffer()).toString('latin1');
    },
    'speech as a blob': async () => {
      const response = await client.audio.speech.create({ model: 'tts-1-hd', voice: 'alloy', input: 'Hi' });
      return (await response.blob()).size;
    },
    'a transcription': async () =>
      client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: await sound(), language: 'de' }),
    'a transcription as text': async () =>
      client.audio.transcriptions.create({ model: 'whisper-1', file: await sound(), response_format: 'text' }),
    'a translation': async () =>
      client.audio.translations.create({ model: 'whisper-1', file: await sound(), response_format: 'verbose_json' }),
    moderation: () => client.moderations.create({ model: 'omni-moderation-latest', input: 'I will find you' }),
  }).map(([name, scenario]) => [`${title}: ${name}`, scenario]);
};

await runScenarios([Object.entries(CLIENTS).flatMap(scenariosOf)]);
