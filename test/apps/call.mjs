// One plain and one streamed call of a model, as an app without any client library makes them.
const url = `${process.env.STAND_IN_URL}/v1/chat/completions`;

/** @param {object} [body] */
export async function call(body = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Weather?' }], ...body }),
  });
  return response.json();
}

export async function stream() {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-4o',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Weather?' }],
    }),
  });
  for await (const _ of response.body);
}
