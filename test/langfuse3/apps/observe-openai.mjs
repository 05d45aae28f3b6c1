// The SDK's wrapper of the OpenAI client, whose provider answers with what it is told to.
import { observeOpenAI } from 'langfuse';
import { OpenAI } from 'openai';

const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_750_000_000,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
  usage: JSON.parse(process.env.USAGE),
};
const fetch = async (_, { body }) => {
  const { messages } = JSON.parse(body);
  const fails = messages[0].content === 'fail';
  const said = fails ? { error: { message: 'no such luck', type: 'invalid_request_error' } } : answer;
  return new Response(JSON.stringify(said), {
    status: fails ? 400 : 200,
    headers: { 'content-type': 'application/json' },
  });
};
const openai = observeOpenAI(new OpenAI({ apiKey: 'none', fetch, maxRetries: 0 }), { generationName: 'observed' });
const ask = (content) => openai.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content }] });
await ask('hello');
await ask('fail').catch(() => {});
await openai.shutdownAsync();
