// An app with secrets in each place that it has for them. What is said to and by the model is secret, too.
const { STAND_IN_URL, API_KEY, PROMPT } = process.env;

async function ask(more, path = '/v1/chat/completions') {
  const response = await fetch(`${STAND_IN_URL}${path}?key=${API_KEY}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}`, 'x-api-key': API_KEY, ...more },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: PROMPT }] }),
  });
  await response.text();
}

await ask({});
await ask({ 'x-stand-in': 'error-401' });
await ask({ 'x-stand-in': 'cut' }).catch(() => {});
