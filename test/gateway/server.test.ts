import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DurableDelivery } from '../../src/delivery/delivery.ts';
import { startGateway } from '../../src/gateway/server.ts';
import { LLM } from '../exporter/readable-spans.ts';
import { parseRecord, RecordingDelivery, totals } from '../support/recording-delivery.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { jsonSpan, post, postSpans, recordingGateway, spanId, TRACE_ID, tracesRequest } from './gateways.ts';

const AGENT = {
  ...LLM,
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.usage.input_tokens': 2000,
  'gen_ai.usage.output_tokens': 200,
};

describe('what it takes', () => {
  test('bad spans are named, good ones go on', async () => {
    const { gateway, delivery } = await recordingGateway();
    const bad = [
      { ...jsonSpan('no trace'), traceId: undefined },
      { ...jsonSpan('short'), spanId: 'abc' },
      { ...jsonSpan('zero'), traceId: '0'.repeat(32) },
      'text',
      ...Array.from({ length: 3 }, () => ({ name: 'x'.repeat(1_000) })),
    ];
    const response = await postSpans(gateway, [jsonSpan('first'), ...bad, jsonSpan('last')]);
    expect(response.status).toBe(200);
    const { partialSuccess } = (await response.json()) as {
      partialSuccess: { rejectedSpans: string; errorMessage: string };
    };
    expect(partialSuccess.rejectedSpans).toBe('7');
    expect(partialSuccess.errorMessage).toMatch(
      /^span 2 \("no trace"\): its trace id is .*; span 3 \("short"\): its span id is .*; span 4 \("zero"\).*; and 2 more$/,
    );
    expect(partialSuccess.errorMessage.length).toBeLessThan(1_000);
    expect(delivery.spans.map(({ name }) => name).toSorted()).toEqual(['first', 'last']);
  });

  test('a protobuf client reads the same', async () => {
    const { gateway } = await recordingGateway();
    // One resource, one scope, one span without anything.
    const body = Buffer.from([0x0a, 0x04, 0x12, 0x02, 0x12, 0x00]);
    const response = await post(`${gateway.url}/v1/traces`, body, { 'content-type': 'application/x-protobuf' });
    expect(response.headers.get('content-type')).toBe('application/x-protobuf');
    const reader = new BinaryReader(new Uint8Array(await response.arrayBuffer()));
    expect([reader.tag()[0], reader.uint32() > 0, reader.tag()[0], Number(reader.int64())]).toEqual([1, true, 1, 1]);
    expect([reader.tag()[0], reader.string()]).toEqual([2, 'span 1 (""): its trace id is not 16 bytes, or zero']);
    const empty = await post(`${gateway.url}/v1/traces`, Buffer.alloc(0), { 'content-type': 'application/x-protobuf' });
    expect([empty.status, (await empty.arrayBuffer()).byteLength]).toEqual([200, 0]);
  });

  test('each token once, in any order and batch, and however often it is sent', async () => {
    const spans = [
      jsonSpan('chat 1', 'agent'),
      jsonSpan('chat 2', 'step'),
      jsonSpan('step', 'agent', {}),
      jsonSpan('agent', 'root', AGENT),
      jsonSpan('root', undefined, {}),
    ];
    for (const order of [spans, spans.toReversed(), [...spans.slice(2), ...spans]]) {
      const { gateway, delivery } = await recordingGateway();
      for (const span of order) await postSpans(gateway, [span]);
      const final = new Map(delivery.spans.map((span) => [span.spanId, span]));
      expect([...final.keys()].toSorted()).toEqual(spans.map(({ name }) => spanId(name)).toSorted());
      expect(totals([...final.values()])).toEqual({ tokens: 2200, usd: 0.00042 });
    }
  });

  test.each([
    ['llm-path', ['chat', 'handler', 'root']],
    ['llm', ['chat']],
    ['all', ['chat', 'db', 'handler', 'root']],
  ] as const)('selection %s, in any order', async (spans, names) => {
    const all = [
      jsonSpan('chat', 'handler'),
      jsonSpan('db', 'handler', {}),
      jsonSpan('handler', 'root', {}),
      jsonSpan('root', undefined, {}),
    ];
    for (const order of [all, all.toReversed()]) {
      const delivery = new RecordingDelivery();
      const { gateway } = await recordingGateway({ projects: { default: { delivery, spans } } });
      for (const span of order) await postSpans(gateway, [span]);
      expect(delivery.spans.map(({ name }) => name).toSorted()).toEqual(names);
      const tops = delivery.spans.filter(({ attributes }) => attributes['langfuse.internal.as_root']);
      expect(tops.map(({ name }) => name)).toEqual([spans === 'llm' ? 'chat' : 'root']);
    }
  });

  test('a span whose parent is in another service that sends nothing is the top of its trace', async () => {
    const { gateway, delivery } = await recordingGateway();
    await postSpans(gateway, [{ ...jsonSpan('chat', 'elsewhere'), flags: 0x301 }]);
    expect(delivery.span('chat').attributes['langfuse.internal.as_root']).toBe(true);
  });

  test('a span without times is repaired, not lost', async () => {
    const { gateway, delivery } = await recordingGateway();
    await postSpans(gateway, [{ ...jsonSpan('chat'), startTimeUnixNano: undefined }]);
    expect(delivery.span('chat').startTimeUnixNano).toBe('1750000001000000000');
  });
});

describe('projects', () => {
  test('the first rule that fits says where a span goes', async () => {
    const [main, checkout, team] = [new RecordingDelivery(), new RecordingDelivery(), new RecordingDelivery()];
    const { gateway } = await recordingGateway({
      projects: { default: { delivery: main }, checkout: { delivery: checkout }, team: { delivery: team } },
      routes: [
        { header: 'X-Team', equals: ['a', 'b'], project: 'team' },
        { resource: 'service.name', equals: ['checkout'], project: 'checkout' },
        { attribute: 'team', equals: ['a'], project: 'team' },
      ],
    });
    await postSpans(gateway, [jsonSpan('by header')], {
      headers: { 'x-team': 'b' },
      resource: { 'service.name': 'checkout' },
    });
    await postSpans(gateway, [jsonSpan('by resource')], {
      headers: { 'x-team': 'c' },
      resource: { 'service.name': 'checkout' },
    });
    await postSpans(gateway, [jsonSpan('rest'), jsonSpan('by attribute', undefined, { ...LLM, team: 'a' })]);
    const names = [main, checkout, team].map(({ spans }) => spans.map(({ name }) => name));
    expect(names).toEqual([['rest'], ['by resource'], ['by header', 'by attribute']]);
  });

  test('a rule to nowhere is told before anything is taken', async () => {
    const routes = [{ header: 'x', equals: ['y'], project: 'elsewhere' }];
    await expect(startGateway({ port: 0, routes })).rejects.toThrow('there is no project "elsewhere"');
  });
});

/** A delivery with room for some records, then none until it is told. */
function deliveryWithRoomFor(room: number): DurableDelivery & { records: string[]; room: number } {
  const recording = new RecordingDelivery();
  return Object.assign(recording, {
    room,
    async acceptDurably(this: { room: number }, records: readonly string[]): Promise<'durable' | 'refused'> {
      if (records.length > this.room) return 'refused';
      this.room -= records.length;
      recording.accept(records);
      return 'durable';
    },
  });
}

describe('without room', () => {
  test('503 with Retry-After, and nothing is counted wrong when it is sent again', async () => {
    const delivery = deliveryWithRoomFor(1);
    const { gateway } = await recordingGateway({ projects: { default: { delivery } } });
    expect((await postSpans(gateway, [jsonSpan('agent', undefined, AGENT)])).status).toBe(200);
    // Two children leave the agent less: three records, for which there is no room.
    const children = [jsonSpan('chat 1', 'agent'), jsonSpan('chat 2', 'agent')];
    for (let attempt = 0; attempt < 3; attempt++) {
      const refused = await postSpans(gateway, children);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    delivery.room = 100;
    expect((await postSpans(gateway, children)).status).toBe(200);
    const final = new Map(delivery.records.map(parseRecord).map((span) => [span.spanId, span]));
    expect(totals([...final.values()])).toEqual({ tokens: 2200, usd: 0.00042 });
    expect(delivery.records.length).toBeLessThan(8);
  });

  test('of a real spool nothing is dropped to make room: who sends is told to wait', async () => {
    const spool = { directory: temporaryDirectory(), maxBytes: 200_000, durability: 'batch' } as const;
    const { gateway } = await recordingGateway({ projects: { default: { spool, publicKey: '', secretKey: '' } } });
    const text = 'x'.repeat(10_000);
    const send = (index: number): Promise<Response> =>
      postSpans(gateway, [jsonSpan(`${index}`, undefined, { ...LLM, 'gen_ai.input.messages': text })]);
    let taken = 0;
    let response = await send(taken);
    for (; response.status === 200 && taken < 100; response = await send(taken)) taken++;
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain(`records_spooled{project="default"} ${taken}\n`);
    expect(metrics).not.toContain('records_dropped_total{');
  });

  test('too many bytes at a time', async () => {
    const { gateway } = await recordingGateway({ limits: { bytesInFlight: 1_000 } });
    const response = await postSpans(gateway, [jsonSpan('x'.repeat(2_000))]);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await postSpans(gateway, [jsonSpan('small')])).status).toBe(200);
  });
});

describe('what it refuses', () => {
  const limits = { bodyBytes: 10_000 };

  test.each([
    ['another path', '/v1/nothing', {}, '{}', 404],
    ['metrics', '/v1/metrics', {}, '{}', 404],
    ['another type', '/v1/traces', { 'content-type': 'text/plain' }, '{}', 415],
    ['a type of Object.prototype', '/v1/traces', { 'content-type': 'constructor' }, '{}', 415],
    ['another compression', '/v1/traces', { 'content-encoding': 'br' }, '{}', 415],
    ['a compression of Object.prototype', '/v1/traces', { 'content-encoding': 'constructor' }, '{}', 415],
    ['what is not compressed', '/v1/traces', { 'content-encoding': 'gzip' }, '{}', 400],
    [
      'what is compressed and cut off',
      '/v1/traces',
      { 'content-encoding': 'gzip' },
      gzipSync('{}').subarray(0, 15),
      400,
    ],
    ['no JSON', '/v1/traces', {}, 'NaN', 400],
    ['no JSON as logs', '/v1/logs', {}, '[', 400],
    ['too large', '/v1/traces', {}, 'x'.repeat(10_001), 413],
    ['too large when unpacked', '/v1/traces', { 'content-encoding': 'gzip' }, gzipSync('x'.repeat(1_000_000)), 413],
    ['too large when inflated', '/v1/traces', { 'content-encoding': 'deflate' }, gzipSync('x'), 400],
  ])('%s', async (_, target, headers, body, status) => {
    const { gateway } = await recordingGateway({ limits });
    const response = await post(`${gateway.url}${target}`, body, headers);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { message: string }).message).toMatch(/\w{3}/);
    expect((await postSpans(gateway, [jsonSpan('chat')])).status).toBe(200);
  });

  test('a body without a length is cut off where it is too large', async () => {
    const { gateway } = await recordingGateway({ limits });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1_000;
        controller.enqueue(new Uint8Array(1_000));
      },
    });
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: endless, duplex: 'half' };
    const status = await fetch(`${gateway.url}/v1/traces`, request as RequestInit).then(
      (response) => response.status,
      // Node's client may see the closed connection before the answer.
      () => 413,
    );
    expect(status).toBe(413);
    expect(sent).toBeLessThan(10_000_000);
  });

  test('another method', async () => {
    const { gateway } = await recordingGateway();
    expect((await fetch(`${gateway.url}/v1/traces`)).status).toBe(405);
  });

  test('headers with line ends in them', async () => {
    const { gateway } = await recordingGateway();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.end('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\rx-smuggled: 1\r\n\r\n');
    expect(String(Buffer.concat(await socket.toArray()))).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('who may', () => {
  test('with a token, those who have it', async () => {
    const { gateway } = await recordingGateway({ token: 'secret' });
    const status = async (authorization?: string): Promise<number> =>
      (await postSpans(gateway, [jsonSpan('chat')], { headers: { ...(authorization && { authorization }) } })).status;
    expect(await Promise.all([status(), status('Bearer wrong'), status('secret'), status('Basic secret')])).toEqual([
      401, 401, 401, 401,
    ]);
    expect(await Promise.all([status('Bearer secret'), status('bearer  secret')])).toEqual([200, 200]);
    const open = ['/healthz', '/readyz', '/metrics'].map(
      async (target) => (await fetch(`${gateway.url}${target}`)).status,
    );
    expect(await Promise.all(open)).toEqual([200, 200, 401]);
  });

  test.each(['0.0.0.0', '::', '192.168.1.1', 'example.com'])(
    'not the rest of the world without one: %s',
    async (host) => {
      await expect(startGateway({ host, port: 0 })).rejects.toThrow('set a token');
    },
  );

  test('over TLS', async () => {
    const folder = temporaryDirectory();
    const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
    const parameters = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=localhost',
    ];
    execFileSync('openssl', ['req', '-x509', ...parameters, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const tls = { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
    const { gateway } = await recordingGateway({ tls });
    expect(gateway.url).toMatch(/^https:/);
    const status = await new Promise((resolve, reject) => {
      const options = { ca: tls.certificate, servername: 'localhost', checkServerIdentity: () => undefined };
      https
        .get(`${gateway.url}/readyz`, options, (response) => resolve(response.resume().statusCode))
        .on('error', reject);
    });
    expect(status).toBe(200);

    const slow = await startGateway({
      port: 0,
      tls,
      projects: { default: { delivery: new RecordingDelivery() } },
      limits: { headersTimeoutMs: 300 },
    });
    onTestFinished(() => slow.close());
    const socket = net.connect(Number(new URL(slow.url).port), '127.0.0.1');
    // Who does not begin a handshake is not waited for, either.
    await new Promise((resolve) => void socket.on('error', () => {}).on('close', resolve));
  });
});

describe('how it is', () => {
  test('metrics', async () => {
    const { gateway } = await recordingGateway();
    await postSpans(gateway, [jsonSpan('chat'), jsonSpan('db', undefined, {}), { name: 'bad' }]);
    await fetch(`${gateway.url}/nothing"}`);
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    const lines = (await response.text()).split('\n');
    expect(lines).toContain('otel_langfuse_gateway_requests_total{path="/v1/traces",status="200"} 1');
    expect(lines).toContain('otel_langfuse_gateway_requests_total{path="other",status="404"} 1');
    expect(lines).toContain('otel_langfuse_gateway_spans_received_total{project="default"} 2');
    expect(lines).toContain('otel_langfuse_gateway_spans_selected_total{project="default"} 1');
    expect(lines).toContain('otel_langfuse_gateway_spans_rejected_total 1');
    expect(lines).toContain('otel_langfuse_gateway_bytes_in_flight 0');
    for (const line of lines.filter((text) => text !== '')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"\\]*",?)+\})? \d+(\.\d+)?)$/);
    }
  });

  test('it stops when what it has begun is answered', async () => {
    const { gateway } = await recordingGateway();
    const body = JSON.stringify(tracesRequest([{ ...jsonSpan('chat'), traceId: TRACE_ID }]));
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    const answer = socket.toArray();
    const head = `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    await new Promise<void>((resolve) => void socket.write(head + body.slice(0, 10), () => resolve()));
    await fetch(`${gateway.url}/readyz`);
    const closed = gateway.close();
    socket.write(body.slice(10));
    expect(String(Buffer.concat(await answer))).toMatch(/^HTTP\/1.1 200 OK/);
    await closed;
    await expect(fetch(`${gateway.url}/readyz`)).rejects.toThrow('fetch failed');
    onTestFinished(() => void socket.destroy());
  });
});
