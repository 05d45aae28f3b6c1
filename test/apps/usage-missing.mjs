// Calls whose usage no response reports, or only half of it: a stream without `include_usage`, one that the app
// leaves, one of Anthropic's that it leaves before the output is counted, and one that fails.
const [, , ending] = process.argv;

const ask = (path, body, does = '') =>
  fetch(process.env.STAND_IN_URL + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-stand-in': does },
    body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: 'Weather?' }], ...body }),
  });

async function read({ body }, isEnough = () => false) {
  let text = '';
  for await (const chunk of body) if (isEnough((text += Buffer.from(chunk)))) break;
}

const whole = await ask('/v1/chat/completions', { model: 'gpt-4o' });
await read(whole);
if (ending === 'exit') process.exit(0);

await read(await ask('/v1/chat/completions', { model: 'gpt-4o-mini' }, 'slow'), (text) => text.includes('"content":"'));
const message = await ask('/v1/messages', { model: 'claude-sonnet-4-6', max_tokens: 99 }, 'slow');
await read(message, (text) => text.includes('text_delta'));
const failed = await ask('/v1/chat/completions', { model: 'gpt-4.1' }, 'error-429');
await failed.text();
// As an app that lives on: loading the tokenizer takes 0.4 s, on a busy machine more than a flush waits for it.
await new Promise((resolve) => setTimeout(resolve, 1_500));
