import https from 'node:https';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectedUsage } from '../behaviour/expected-spans.ts';
import { type HttpProxy, startProxy } from '../support/http-proxy.ts';
import { CERTIFICATE } from '../support/session-server.ts';
import { startStandInProvider } from '../support/stand-in-provider.mjs';
import { ask, type RawAnswer, recordingProxy, startUpstream } from './proxies.ts';

const CHAT = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Is 91 prime?' }] };

/** Langfuse is on 127.0.0.1, and reached directly. */
const DIRECT = { NO_PROXY: '127.0.0.1' };

async function networkProxy(): Promise<HttpProxy> {
  const proxy = await startProxy();
  onTestFinished(() => proxy.close());
  return proxy;
}

/** The stand-in as an upstream on `localhost`. */
async function provider(): Promise<Awaited<ReturnType<typeof startStandInProvider>>> {
  const started = await startStandInProvider();
  onTestFinished(() => started.close());
  return { ...started, url: started.url.replace('127.0.0.1', 'localhost') };
}

/** A server that speaks TLS and passes on what comes to the stand-in. */
async function overTls(url: string): Promise<string> {
  const key = readFileSync(path.join(path.dirname(CERTIFICATE), 'key.pem'));
  const server = https.createServer({ key, cert: readFileSync(CERTIFICATE) }, (request, response) => {
    void request.toArray().then(async (chunks) => {
      const { method = 'GET', headers } = request;
      const answer = await ask(url, request.url ?? '', { method, headers, body: Buffer.concat(chunks) });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}

function chat(url: string): Promise<RawAnswer> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-theirs' };
  return ask(url, '/openai/v1/chat/completions', { method: 'POST', headers, body: JSON.stringify(CHAT) });
}

describe('the way to an upstream', () => {
  test.each(['http', 'https'])('leads through the proxy of the network: %s', async (scheme) => {
    const [network, openai] = await Promise.all([networkProxy(), provider()]);
    const address = scheme === 'https' ? await overTls(openai.url) : openai.url;
    const env = { ...DIRECT, HTTP_PROXY: network.url, HTTPS_PROXY: network.url, NODE_EXTRA_CA_CERTS: CERTIFICATE };
    const proxy = await recordingProxy({ openai: address }, { env });
    expect((await chat(proxy.url)).status).toBe(200);
    const target = `${address}/v1/chat/completions`;
    expect(network.asked).toEqual([scheme === 'https' ? `CONNECT ${new URL(address).host}` : `POST ${target}`]);
    expect(openai.requests[0]?.headers).toMatchObject({
      host: new URL(address).host,
      authorization: 'Bearer sk-theirs',
    });
    const [span, ...others] = await proxy.spansAtEnd();
    expect(others).toEqual([]);
    expect(span?.attributes['gen_ai.provider.name']).toBe('openai');
    const usage = JSON.parse(String(span?.attributes['langfuse.observation.usage_details'])) as object;
    const used = Object.entries(usage).filter(([, count]) => count !== 0);
    expect(Object.fromEntries(used)).toEqual(openai.requests.map(expectedUsage)[0]);
  });

  test('is direct where NO_PROXY says so', async () => {
    const [network, openai] = await Promise.all([networkProxy(), provider()]);
    const env = { NO_PROXY: '127.0.0.1,localhost', HTTP_PROXY: network.url };
    const proxy = await recordingProxy({ openai: openai.url }, { env });
    expect((await chat(proxy.url)).status).toBe(200);
    expect(network.asked).toEqual([]);
  });

  test('shows no provider the certificate of the client that is for telemetry', async () => {
    const key = readFileSync(path.join(path.dirname(CERTIFICATE), 'key.pem'));
    const upstream = https.createServer(
      { key, cert: readFileSync(CERTIFICATE), requestCert: true, rejectUnauthorized: false },
      ({ socket }, response) => void response.end(Object.keys((socket as TLSSocket).getPeerCertificate()).join()),
    );
    await new Promise<void>((resolve) => void upstream.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void upstream.closeAllConnections());
    onTestFinished(() => void upstream.close());
    const env = {
      NODE_EXTRA_CA_CERTS: CERTIFICATE,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE,
      OTEL_EXPORTER_OTLP_CLIENT_KEY: path.join(path.dirname(CERTIFICATE), 'key.pem'),
    };
    const address = `https://localhost:${(upstream.address() as AddressInfo).port}`;
    const proxy = await recordingProxy({ up: address }, { env });
    expect((await ask(proxy.url, '/up/x')).body.toString()).toBe('');
  });

  test('that a proxy refuses to open is an answer of ours', async () => {
    const network = await networkProxy();
    const env = { ...DIRECT, HTTPS_PROXY: network.url.replace('ada', 'eve') };
    const proxy = await recordingProxy({ up: 'https://localhost:9' }, { env });
    const answer = await ask(proxy.url, '/up/x');
    expect(answer.status).toBe(502);
    expect(answer.body.toString()).toContain('the proxy answers HTTP 407');
  });
});

describe('who watches it', () => {
  test('sees whether it lives and what it counts; with a token, only who has it', async () => {
    const openai = await provider();
    const upstream = await startUpstream((request) => void request.socket.destroy());
    const env = { OTEL_LANGFUSE_PROXY_TOKEN: 'let-me-in' };
    const proxy = await recordingProxy({ openai: openai.url, broken: upstream.url }, { env });
    const headers = { 'x-langfuse-proxy-token': 'let-me-in' };
    for (const target of ['/openai/v1/models', '/openai/v1/nothing', '/broken/x', '/nowhere'])
      await ask(proxy.url, target, { headers });
    await ask(proxy.url, '/openai/v1/chat/completions', { method: 'POST', headers, body: JSON.stringify(CHAT) });
    const { status } = await ask(proxy.url, '/openai/v1/models');
    expect(status).toBe(401);

    expect((await ask(proxy.url, '/healthz')).body.toString()).toBe('alive\n');
    expect((await ask(proxy.url, '/readyz')).body.toString()).toBe('ready\n');
    expect((await ask(proxy.url, '/metrics')).status).toBe(401);
    const bearer = { authorization: 'Bearer let-me-in' };
    const seen = await ask(proxy.url, '/metrics', { headers: bearer });
    expect(seen.headers['content-type']).toContain('version=0.0.4');
    const text = seen.body.toString();
    expect(text).toContain('otel_langfuse_proxy_requests_total{upstream="broken",status="502"} 1\n');
    expect(text).toContain('otel_langfuse_proxy_requests_total{upstream="none",status="404"} 1\n');
    expect(text).toContain('otel_langfuse_proxy_requests_total{upstream="openai",status="401"} 1\n');
    expect(text).toContain('otel_langfuse_proxy_bytes_in_flight 0\n');
    const accepted = async (): Promise<boolean> => {
      const { body } = await ask(proxy.url, '/metrics', { headers: bearer });
      return body.toString().includes('otel_langfuse_proxy_records_accepted_total 1\n');
    };
    while (!(await accepted())) await new Promise((resolve) => void setTimeout(resolve, 10));
  });
});
