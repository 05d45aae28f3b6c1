// Answers like OpenAI's chat completions with bytes made beforehand, so that the provider adds as little as possible to
// what is measured. A process of its own: its work must not count as the app's.
import { createServer } from 'node:http';
import { openaiChat } from '../test/support/stand-in/openai-chat.mjs';
import { CASES } from './cases.mjs';

const ID = 'chatcmpl-D3Sr9M0UJQDeDJfKsXLuaVoM0001';

/** Writes the answer of a case: the pieces of a stream as one write each. */
function writerOf({ request, answer }) {
  if (!request.stream) {
    const body = Buffer.from(JSON.stringify(openaiChat.body(request, answer, ID)));
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    return (response) => response.writeHead(200, headers).end(body);
  }
  const events = openaiChat
    .events(request, answer, ID)
    .map(({ data }) => Buffer.from(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`));
  return (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const event of events) response.write(event);
    response.end();
  };
}

const writers = Object.fromEntries(Object.entries(CASES).map(([name, example]) => [name, writerOf(example)]));

const server = createServer((request, response) => {
  request.resume().on('end', () => writers[request.headers['x-bench-case']](response));
});
// An app that the machine holds up for long must find its connection open.
server.keepAliveTimeout = 60_000;
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
