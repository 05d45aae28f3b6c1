import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { jsonSpan, post, tracesRequest } from './gateways.ts';

/** `npm run fuzz` takes its time. */
const FUZZ_MS = (import.meta as { env?: { MODE?: string } }).env?.MODE === 'fuzz' ? 60_000 : 3_000;

/** Megabytes that whatever is sent may cost: a body of 20 MB, as sent, unpacked and once more on its way. */
const MAX_GROWTH = 200;

const MEGABYTE = 1024 * 1024;

/** As often as it fits into a body. */
const full = (item: string): string => item.repeat(Math.floor((19 * MEGABYTE) / item.length));

async function gatewayWithoutLangfuse(parameters: readonly string[] = []): Promise<GatewayProcess> {
  return startGatewayProcess({ OTEL_LANGFUSE_SPOOL_DIR: temporaryDirectory() }, parameters);
}

/** Others are served, whatever goes on. */
async function expectServed({ url }: GatewayProcess): Promise<void> {
  expect((await post(`${url}/v1/traces`, tracesRequest([jsonSpan('chat')]))).status).toBe(200);
}

async function connect({ url }: GatewayProcess): Promise<net.Socket> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => void socket.on('connect', resolve));
  return socket;
}

describe('abuse', () => {
  test('a megabyte that unpacks to a gigabyte costs no more than the limit, many at a time', async () => {
    const gateway = await gatewayWithoutLangfuse();
    await expectServed(gateway);
    const before = gateway.peakMegabytes() ?? 0;
    // Members of a gzip file follow each other: a thousand of a kilobyte, a megabyte of zeros each.
    const bomb = Buffer.concat(Array.from({ length: 1_000 }, () => gzipSync(Buffer.alloc(MEGABYTE))));
    for (const contentType of ['application/json', 'application/x-protobuf']) {
      const headers = { 'content-type': contentType, 'content-encoding': 'gzip' };
      const bombs = Array.from({ length: 4 }, () => post(`${gateway.url}/v1/traces`, bomb, headers));
      await expectServed(gateway);
      for (const answer of await Promise.all(bombs)) expect(answer.status).toBe(413);
    }
    await expectServed(gateway);
    expect((gateway.peakMegabytes() ?? 0) - before).toBeLessThan(MAX_GROWTH);
  });

  test('a thousand connections that say nothing are closed, and others are served meanwhile', async () => {
    const file = path.join(import.meta.dirname, 'one-second.yaml');
    const gateway = await gatewayWithoutLangfuse(['--config', file]);
    await expectServed(gateway);
    const before = gateway.peakMegabytes() ?? 0;
    const sockets = await Promise.all(Array.from({ length: 1_000 }, () => connect(gateway)));
    // Half of them have begun a request, and let it rest.
    for (const [index, socket] of sockets.entries())
      if (index % 2 === 0) socket.write('POST /v1/traces HTTP/1.1\r\nhost');
    await expectServed(gateway);
    const closed = sockets.map((socket) => new Promise((resolve) => void socket.resume().on('close', resolve)));
    await Promise.all(closed);
    await expectServed(gateway);
    expect((gateway.peakMegabytes() ?? 0) - before).toBeLessThan(MAX_GROWTH);
  });

  test('clients that leave in the middle of a body are no error of the gateway', async () => {
    const gateway = await gatewayWithoutLangfuse();
    const start = ['POST /v1/traces HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 9'];
    for (const leave of ['end', 'resetAndDestroy'] as const) {
      const socket = await connect(gateway);
      await new Promise<void>((resolve) => void socket.write(`${start.join('\r\n')}\r\n\r\n{`, () => resolve()));
      await expectServed(gateway);
      socket[leave]();
    }
    await expectServed(gateway);
    const counted = async (): Promise<string> => (await fetch(`${gateway.url}/metrics`)).text();
    while (!/status="400"\} 2\b/.test(await counted())) expect(await counted()).not.toContain('status="500"');
    expect(gateway.log.filter(({ kind }) => kind.startsWith('internal'))).toEqual([]);
  });

  test('bodies full of lists, objects, keys and values cost no more than others', async () => {
    const gateway = await gatewayWithoutLangfuse();
    await expectServed(gateway);
    const before = gateway.peakMegabytes() ?? 0;
    const bodies = [
      `{"x":[${full('[],')}0]}`,
      `{"x":[${full('{},')}0]}`,
      `{"resourceSpans":[${full('{"scopeSpans":[{"spans":[{}]}]},')}{}]}`,
      `{"x":{${full('"":"",')}"":""}}`,
      full('['),
    ];
    for (const body of bodies) {
      expect([200, 400]).toContain((await post(`${gateway.url}/v1/traces`, body)).status);
      const protobuf = Buffer.from(body.slice(0, 19 * MEGABYTE));
      const headers = { 'content-type': 'application/x-protobuf' };
      expect((await post(`${gateway.url}/v1/traces`, protobuf, headers)).status).toBe(400);
      await expectServed(gateway);
    }
    expect((gateway.peakMegabytes() ?? 0) - before).toBeLessThan(3 * MAX_GROWTH);
  });

  test('what many spans have in common is not in memory as often', async () => {
    const gateway = await gatewayWithoutLangfuse();
    await expectServed(gateway);
    const before = gateway.peakMegabytes() ?? 0;
    const spans = Array.from({ length: 300 }, (_, index) => jsonSpan(`call ${index}`));
    const named = spans.map((span, index) => ({ ...span, spanId: (index + 1).toString(16).padStart(16, '0') }));
    const request = tracesRequest(named, { 'service.name': 'x'.repeat(MEGABYTE) });
    expect((await post(`${gateway.url}/v1/traces`, request)).status).toBe(200);
    await expectServed(gateway);
    expect((gateway.peakMegabytes() ?? 0) - before).toBeLessThan(MAX_GROWTH);
  });

  test('spans that wait for others keep no more in memory than they may, whatever of them is long', async () => {
    const gateway = await gatewayWithoutLangfuse();
    await expectServed(gateway);
    const before = gateway.peakMegabytes() ?? 0;
    const long = 'x'.repeat(6 * MEGABYTE);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    for (let count = 1; count <= 40; count++) {
      const span = { ...jsonSpan(long, undefined, {}), spanId: count.toString(16).padStart(16, '0') };
      const body = gzipSync(JSON.stringify(tracesRequest([span], { 'service.name': long })), { level: 1 });
      expect((await post(`${gateway.url}/v1/traces`, body, headers)).status).toBe(200);
    }
    expect((gateway.peakMegabytes() ?? 0) - before).toBeLessThan(1.5 * MAX_GROWTH);
  });

  test(
    `${FUZZ_MS / 1000} s of random changes to what clients send`,
    async () => {
      const gateway = await gatewayWithoutLangfuse();
      await expectServed(gateway);
      const before = gateway.peakMegabytes() ?? 0;
      const statuses = new Map<number, number>();
      const end = Date.now() + FUZZ_MS;
      const worker = async (): Promise<void> => {
        while (Date.now() < end) {
          const { path: target, headers, body } = changed();
          const { status } = await post(`${gateway.url}${target}`, body, headers);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (randomInt(20) === 0) (await connect(gateway)).end(randomBytes());
        }
      };
      await Promise.all(Array.from({ length: 4 }, worker));
      const failed = [...statuses].filter(([status]) => status >= 500);
      expect(failed).toEqual([]);
      expect(statuses.get(400)).toBeGreaterThan(0);
      expect(gateway.log.filter(({ kind }) => kind.startsWith('internal'))).toEqual([]);
      await expectServed(gateway);
      expect((gateway.peakMegabytes() ?? 0) - before).toBeLessThan(MAX_GROWTH);
    },
    FUZZ_MS + 20_000,
  );
});

interface Request {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

const FIXTURES = path.join(import.meta.dirname, '../fixtures/otlp');
const RECORDED: readonly Request[] = readdirSync(FIXTURES).map((file) => {
  const { contentType, contentEncoding, ...recorded } = JSON.parse(readFileSync(path.join(FIXTURES, file), 'utf8'));
  return {
    path: recorded.path,
    headers: { 'content-type': contentType, ...(contentEncoding && { 'content-encoding': contentEncoding }) },
    body: Buffer.from(recorded.body, 'base64'),
  };
});

const randomBytes = (): Buffer => Buffer.from(Array.from({ length: randomInt(1, 200) }, () => randomInt(256)));

/** A way to spoil a body. */
const CHANGES: readonly ((body: Buffer) => Buffer)[] = [
  (body) => body.subarray(0, randomInt(body.length + 1)),
  (body) => Buffer.concat([body, randomBytes()]),
  () => randomBytes(),
  (body) => {
    const copy = Buffer.from(body);
    for (let count = randomInt(1, 10); count > 0; count--)
      if (copy.length > 0) copy[randomInt(copy.length)] = randomInt(256);
    return copy;
  },
  (body) => {
    const at = randomInt(body.length + 1);
    return Buffer.concat([body.subarray(0, at), randomBytes(), body.subarray(at)]);
  },
  (body) => {
    const [start, end] = [randomInt(body.length + 1), randomInt(body.length + 1)];
    return Buffer.concat([body.subarray(0, start), body.subarray(Math.min(start, end), end), body.subarray(start)]);
  },
];

function changed(): Request {
  const request = RECORDED[randomInt(RECORDED.length)] ?? { path: '/', headers: {}, body: Buffer.alloc(0) };
  let { body } = request;
  for (let count = randomInt(4); count > 0; count--) body = CHANGES[randomInt(CHANGES.length)]?.(body) ?? body;
  const other = RECORDED[randomInt(RECORDED.length)] ?? request;
  return { ...request, headers: randomInt(10) === 0 ? other.headers : request.headers, body };
}
