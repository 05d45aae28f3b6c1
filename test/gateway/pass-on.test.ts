import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startProxy } from '../support/http-proxy.ts';
import { jsonSpan, post, recordingGateway, tracesRequest } from './gateways.ts';

interface Passed {
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Another OTLP endpoint that answers with these statuses, the last for ever. */
async function startTarget(...statuses: number[]): Promise<{ url: string; passed: Passed[] }> {
  const passed: Passed[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      passed.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      response
        .writeHead((statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 200, { location: '/elsewhere' })
        .end();
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, passed };
}

async function metric(gateway: { url: string }, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(new RegExp(`^otel_langfuse_gateway_${name}\\{.*\\} (\\d+)$`, 'm').exec(text)?.[1]);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 500 && !(await condition()); attempt++)
    await new Promise((resolve) => void setTimeout(resolve, 10));
  expect(await condition()).toBe(true);
}

test('every byte is passed on, with the headers that say how to read it and no others', async () => {
  const target = await startTarget(200);
  const { gateway } = await recordingGateway({
    token: 'ours',
    passOn: [{ url: `${target.url}/otlp/`, headers: { 'x-api-key': 'theirs' } }],
  });
  const body = gzipSync(JSON.stringify(tracesRequest([jsonSpan('chat'), jsonSpan('db', undefined, {})])));
  const headers = { authorization: 'Bearer ours', 'content-encoding': 'gzip' };
  expect((await post(`${gateway.url}/v1/traces?x=1`, body, headers)).status).toBe(200);
  expect((await post(`${gateway.url}/v1/logs`, '{}', { authorization: 'Bearer ours' })).status).toBe(200);
  await until(() => target.passed.length === 2);
  expect(target.passed.map(({ url }) => url).toSorted()).toEqual(['/otlp/v1/logs', '/otlp/v1/traces']);
  const traces = target.passed.find(({ url }) => url.endsWith('traces'));
  expect(traces?.body.equals(body)).toBe(true);
  expect(traces?.headers).toMatchObject({
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'x-api-key': 'theirs',
  });
  expect(traces?.headers['authorization']).toBeUndefined();
});

test('what cannot be read is not passed on', async () => {
  const target = await startTarget(200);
  const { gateway } = await recordingGateway({ passOn: [target] });
  await post(`${gateway.url}/v1/traces`, 'NaN');
  await post(`${gateway.url}/v1/traces`, '{}');
  await until(() => target.passed.length > 0);
  expect(target.passed.map(({ body }) => String(body))).toEqual(['{}']);
});

test('a target that is busy is asked again; one that refuses is not, and nobody else waits for either', async () => {
  const [busy, refusing, moved] = [await startTarget(503, 429, 200), await startTarget(400), await startTarget(307)];
  const { gateway, delivery } = await recordingGateway({ passOn: [busy, refusing, moved] });
  expect((await post(`${gateway.url}/v1/traces`, tracesRequest([jsonSpan('chat')]))).status).toBe(200);
  expect(delivery.spans).toHaveLength(1);
  await until(() => busy.passed.length === 3);
  expect(new Set(busy.passed.map(({ body }) => String(body))).size).toBe(1);
  await until(async () => (await metric(gateway, 'passed_on_total')) === 1);
  expect([refusing.passed.length, moved.passed.length]).toEqual([1, 1]);
});

test('a target that cannot be reached holds up neither answers nor the end', async () => {
  const { gateway } = await recordingGateway({ passOn: [{ url: 'http://127.0.0.1:1' }] });
  for (let count = 0; count < 20; count++)
    expect((await post(`${gateway.url}/v1/traces`, tracesRequest([jsonSpan('chat')]))).status).toBe(200);
  expect(await metric(gateway, 'pass_on_waiting_bytes')).toBeGreaterThan(0);
});

test('a target is reached through the proxy of the network', async () => {
  const [target, proxy] = await Promise.all([startTarget(200), startProxy()]);
  onTestFinished(() => proxy.close());
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HTTP_PROXY', proxy.url);
  const { gateway } = await recordingGateway({ passOn: [target] });
  await post(`${gateway.url}/v1/traces`, tracesRequest([jsonSpan('chat')]));
  await until(() => target.passed.length === 1);
  expect(proxy.asked).toEqual([`POST ${target.url}/v1/traces`]);
});
