import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface PriceServer {
  url: string;
  requests: IncomingMessage[];
  /** What the next request gets. */
  answer: Answer;
}

/** A server on loopback that is gone after the test. */
export async function startPriceServer(answer: Answer): Promise<PriceServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    started.answer(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const started = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prices.json`, requests, answer };
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  });
  return started;
}

/** A table with one model, `new-1` of `acme`, at so many dollars for a million input tokens. */
export function pricesOf(usd: number): string {
  const models = [{ id: 'new-1', match: { equals: 'new-1' }, prices: { input_mtok: usd, output_mtok: usd } }];
  return JSON.stringify([{ id: 'acme', name: 'Acme', api_pattern: 'https://api\\.acme\\.example', models }]);
}

/** Answers with a text and its ETag, or that there is nothing new. */
export function withEtag(text: string, etag: string): Answer {
  return (request, response) => {
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { 'content-type': 'application/json', etag }).end(text);
  };
}
