import { createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventMessage } from '../support/event-stream.ts';

const USAGE = { inputTokens: 11, outputTokens: 5, totalTokens: 16 };
const ANSWER = {
  output: { message: { role: 'assistant', content: [{ text: 'Rhine' }] } },
  stopReason: 'end_turn',
  usage: USAGE,
};
const EVENTS = [
  eventMessage('messageStart', { role: 'assistant' }),
  eventMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Rhine' } }),
  eventMessage('messageStop', { stopReason: 'end_turn' }),
  eventMessage('metadata', { usage: USAGE }),
];

/** Answers over HTTP/2 as Bedrock does. */
export async function startBedrock(): Promise<{ url: string; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    // Some clients leave in the middle.
    response.stream.on('error', () => {});
    if (request.url.endsWith('/converse')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(ANSWER));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    void (async () => {
      for (const event of EVENTS) {
        response.write(event);
        await sleep(1);
      }
      response.end();
    })();
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
