// One plain and one streamed call of a model through node:http.
import http from 'node:http';

for (const stream of [false, true]) {
  const method = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const response = await new Promise((resolve, reject) => {
    const request = http.request(`${process.env.STAND_IN_URL}/v1/chat/completions`, method, resolve);
    request.on('error', reject).end(
      JSON.stringify({
        model: 'gpt-4o',
        messages: [{ role: 'user', content: 'Weather?' }],
        ...(stream && { stream, stream_options: { include_usage: true } }),
      }),
    );
  });
  for await (const _ of response);
}
