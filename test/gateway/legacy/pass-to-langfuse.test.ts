import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toSpanId, toTraceId } from '../../../src/gateway/legacy/ids.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { recordingGateway } from '../gateways.ts';
import { KEYS } from './run-sdk-app.ts';

const authorization = `Basic ${Buffer.from(`${KEYS.publicKey}:${KEYS.secretKey}`).toString('base64')}`;

/** The address of a gateway before a Langfuse that answers so. */
async function gatewayBefore(langfuse: RequestListener, path = ''): Promise<string> {
  const server = createServer(langfuse);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const { gateway } = await recordingGateway({
    projects: { default: { ...KEYS, baseUrl, spool: { directory: temporaryDirectory() } } },
  });
  return gateway.url;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

describe('the rest of Langfuse’s API', () => {
  test('is asked as it came, below the path that Langfuse has', async () => {
    const seen: object[] = [];
    const url = await gatewayBefore(async (request, response) => {
      const { method, url: path, headers } = request;
      seen.push({
        method,
        path,
        body: await textOf(request),
        type: headers['content-type'],
        sdk: headers['x-langfuse-sdk-name'],
      });
      response.writeHead(418, { 'x-one': ['a', 'b'], connection: 'x-hop', 'x-hop': '1' }).end('told');
    }, '/langfuse');
    const headers = { authorization, 'content-type': 'text/plain', 'x-langfuse-sdk-name': 'langfuse-js' };
    const response = await fetch(`${url}/api/public/v2/prompts?name=a%2Fb`, {
      method: 'PATCH',
      headers,
      body: 'raw { body',
    });
    expect([response.status, await response.text()]).toEqual([418, 'told']);
    expect([response.headers.get('x-one'), response.headers.get('x-hop')]).toEqual(['a, b', null]);
    expect(seen).toEqual([
      {
        method: 'PATCH',
        path: '/langfuse/api/public/v2/prompts?name=a%2Fb',
        body: 'raw { body',
        type: 'text/plain',
        sdk: 'langfuse-js',
      },
    ]);
  });

  test('bodies name the traces and observations that are there', async () => {
    const bodies: unknown[] = [];
    const url = await gatewayBefore(async (request, response) => {
      bodies.push(JSON.parse(await textOf(request)));
      response.end('{}');
    });
    const body = { traceId: 'mine', observationId: 'my call', field: 'input', contentLength: 3 };
    const headers = { authorization, 'content-type': 'application/json' };
    await fetch(`${url}/api/public/media`, { method: 'POST', headers, body: JSON.stringify(body) });
    await fetch(`${url}/api/public/batch`, { method: 'POST', headers, body: JSON.stringify({ list: [1] }) });
    expect(bodies).toEqual([
      { ...body, traceId: toTraceId('mine'), observationId: toSpanId('my call') },
      { list: [1] },
    ]);
  });

  test('answers come as they are made', async () => {
    const rest = new AbortController();
    const url = await gatewayBefore((_, response) => {
      response.write('first ');
      rest.signal.addEventListener('abort', () => response.end('last'));
    });
    const response = await fetch(`${url}/api/public/metrics`, { headers: { authorization } });
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('first ');
    rest.abort();
    expect((await reader.read()).value).toBe('last');
  });

  test('a client that goes away ends it; a Langfuse that breaks off is no whole answer', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const url = await gatewayBefore((request, response) => {
      if (request.url?.includes('cut'))
        return void response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
      closed = new Promise((resolve) => response.on('close', resolve));
      response.write('first');
    });
    const controller = new AbortController();
    await fetch(`${url}/api/public/metrics`, { headers: { authorization }, signal: controller.signal });
    controller.abort();
    await closed;
    const cut = await fetch(`${url}/api/public/cut`, { headers: { authorization } });
    await expect(cut.text()).rejects.toThrow();
  });

  test('a gateway without keys has nothing to read', async () => {
    const { gateway } = await recordingGateway();
    const response = await fetch(`${gateway.url}/api/public/traces`, { headers: { authorization } });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: expect.stringContaining('no Langfuse keys') });
  });
});
