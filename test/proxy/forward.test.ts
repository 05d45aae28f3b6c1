import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { ask, type RecordingProxy, recordingProxy, startUpstream, until, type Upstream } from './proxies.ts';

async function proxyTo(
  listener: http.RequestListener,
): Promise<{ proxy: RecordingProxy; upstream: Upstream; path: string }> {
  const upstream = await startUpstream(listener);
  return { proxy: await recordingProxy({ up: upstream.url }), upstream, path: '/up/files' };
}

/** A request that a test writes to, and the answer once it has begun. */
function open(
  { url }: RecordingProxy,
  path: string,
  options: http.RequestOptions = {},
): { request: http.ClientRequest; answer: Promise<IncomingMessage> } {
  const { hostname, port } = new URL(url);
  const request = http.request({ host: hostname, port, path, method: 'POST', agent: false, ...options });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
  });
  answer.catch(() => {});
  return { request, answer };
}

/** Sends bytes as they are, and resolves with what came back when there is what is waited for. */
async function speak({ url }: { url: string }, text: string | Buffer, awaited: string): Promise<string> {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
  let seen = '';
  socket.on('data', (data) => (seen += data.toString('latin1'))).on('error', () => {});
  socket.write(text);
  await until(() => seen.includes(awaited));
  socket.destroy();
  return seen;
}

const sum = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('headers', () => {
  test('go on as they are spelled, but those of the connection, the way and us', async () => {
    let seen: string[] = [];
    const { proxy, upstream, path } = await proxyTo((request, response) => {
      seen = request.rawHeaders;
      response.sendDate = false;
      response.writeHead(
        200,
        'Fine indeed',
        [
          ['Set-Cookie', 'a=1', 'X-Odd', 'k\u00f6ln', 'Set-Cookie', 'b=2'],
          ['Connection', 'x-hop, close', 'X-Hop', '1', 'Proxy-Authenticate', 'Basic', 'Content-Length', '2'],
        ].flat(),
      );
      // As bytes: Node writes headers in the encoding of a text that follows them.
      response.end(Buffer.from('ok'));
    });
    const answer = await ask(proxy.url, path, {
      method: 'GET',
      headers: {
        'X-Api-Key': 'sk-ant-1',
        'x-twice': ['one', 'two'],
        'Accept-Encoding': 'br;q=1, zstd',
        'X-Odd': Buffer.from('köln').toString('latin1'),
        Connection: 'x-mine, keep-alive',
        'X-Mine': '1',
        TE: 'trailers',
        'Proxy-Authorization': 'Basic x',
        'X-Forwarded-For': '10.0.0.1',
        'X-Forwarded-Proto': 'https',
        Forwarded: 'for=10.0.0.1',
        Via: '1.1 lb',
        'X-Real-IP': '10.0.0.1',
        'X-Langfuse-User-Id': 'ada',
        'x-langfuse-proxy-token': 'secret',
      },
    });
    expect(seen).toEqual(
      [
        ['Host', new URL(upstream.url).host],
        ['X-Api-Key', 'sk-ant-1', 'x-twice', 'one', 'x-twice', 'two', 'Accept-Encoding', 'br;q=1, zstd'],
        ['X-Odd', Buffer.from('köln').toString('latin1'), 'Connection', 'keep-alive'],
      ].flat(),
    );
    expect(answer.status).toBe(200);
    expect(answer.rawHeaders.slice(0, 8)).toEqual(
      [
        ['Set-Cookie', 'a=1', 'X-Odd', 'k\u00f6ln'],
        ['Set-Cookie', 'b=2', 'Content-Length', '2'],
      ].flat(),
    );
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['x-hop', 'proxy-authenticate']));
    expect(answer.headers.date).toBeUndefined();
  });

  test.each([
    ['HEAD', 200, { 'content-length': '1234' }],
    ['GET', 204, {}],
    ['GET', 304, { etag: '"1"' }],
    ['DELETE', 200, { 'content-length': '0' }],
    ['OPTIONS', 405, { allow: 'POST', 'content-length': '0' }],
  ])('%s answered with %i', async (method, status, headers) => {
    const { proxy, path } = await proxyTo((request, response) => {
      response.writeHead(request.method === method ? status : 500, headers).end();
    });
    const answer = await ask(proxy.url, path, { method });
    expect(answer).toMatchObject({ status, headers, isWhole: true });
    expect(answer.body).toHaveLength(0);
  });

  test('trailers, both ways', async () => {
    const { proxy, path } = await proxyTo((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { Trailer: 'X-Sum' });
        response.write('answer');
        response.addTrailers({ 'X-Sum': request.trailers['x-asked'] ?? 'none' });
        response.end();
      });
    });
    const { request, answer } = open(proxy, path, { headers: { Trailer: 'X-Asked' } });
    request.write('question');
    request.addTrailers({ 'X-Asked': '42' });
    request.end();
    const response = await answer;
    expect(Buffer.concat(await response.toArray()).toString()).toBe('answer');
    expect(response.trailers).toEqual({ 'x-sum': '42' });
  });
});

/** What an upstream was asked for by a client that speaks so, and by another after it. */
async function targetsOf(raw: string): Promise<string[]> {
  const targets: string[] = [];
  const { proxy } = await proxyTo(({ url = '' }, response) => {
    targets.push(url);
    // Before it has the body, if there is to be one.
    response.end('answered');
  });
  await speak(proxy, raw, 'answered');
  expect((await ask(proxy.url, '/up/next')).body.toString()).toBe('answered');
  return targets;
}

describe('what one client sends is nothing to the others', () => {
  test('a body stays a body, although Connection names its length', async () => {
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: b\r\n\r\n';
    const lines = ['GET /up/x HTTP/1.1', 'Host: a', 'Connection: content-length', `Content-Length: ${hidden.length}`];
    expect(await targetsOf([...lines, '', hidden].join('\r\n'))).toEqual(['/x', '/next']);
  });

  test.each(['Content-Length: 2\r\n\r\nhi', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'])(
    'an offer of a WebSocket with a body is none: %j',
    async (end) => {
      const seen: (string | undefined)[] = [];
      const { proxy } = await proxyTo(async (request, response) => {
        seen.push(request.headers.upgrade, Buffer.concat(await request.toArray()).toString());
        response.end('answered');
      });
      await speak(
        proxy,
        `GET /up/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${end}`,
        'answered',
      );
      expect(seen).toEqual([undefined, 'hi']);
    },
  );

  test.each(['POST', 'GET'])('trailers that a %s announces and cannot have', async (method) => {
    const targets = await targetsOf(`${method} /up/x HTTP/1.1\r\nHost: a\r\nTrailer: X\r\nContent-Length: 2\r\n\r\nhi`);
    expect(targets).toEqual(['/x', '/next']);
  });
});

test.each([
  ['of known length', 'GET /up/x HTTP/1.1', ['Content-Length: 2', '', 'ok']],
  [
    'in chunks, to a client that knows none',
    'GET /up/x HTTP/1.0',
    ['Transfer-Encoding: chunked', '', '2', 'ok', '0', '', ''],
  ],
])('an answer %s that announces trailers', async (_, asking, rest) => {
  const { proxy, upstream } = await proxyTo(() => {});
  upstream.server.on('connection', (socket) => {
    socket.removeAllListeners('data').on('data', () => {
      socket.write(['HTTP/1.1 200 OK', 'Trailer: X', ...rest].join('\r\n'));
    });
  });
  expect(await speak(proxy, `${asking}\r\nHost: a\r\n\r\n`, '\r\n\r\nok')).toMatch(/^HTTP\/1\.1 200 /);
});

test('an upstream that changes the protocol unasked is an error', async () => {
  const { proxy, upstream, path } = await proxyTo(() => {});
  upstream.server.on('connection', (socket) => {
    socket.removeAllListeners('data').on('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    });
  });
  expect((await ask(proxy.url, path, { method: 'POST', body: '{}' })).status).toBe(502);
});

describe('piece by piece', () => {
  test('an answer: its headers and each piece are there before the upstream sends the next', async () => {
    let continueUpstream: (() => void) | undefined;
    const pieces = ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'];
    const { proxy, path } = await proxyTo(async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      for (const piece of pieces) {
        await new Promise<void>((resolve) => (continueUpstream = resolve));
        response.write(piece);
      }
      response.end();
    });
    const { request, answer } = open(proxy, path);
    request.end('{}');
    const response = await answer;
    const seen: string[] = [];
    response.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
    for (const [index] of pieces.entries()) {
      expect(seen).toEqual(pieces.slice(0, index));
      continueUpstream?.();
      await until(() => seen.length > index);
    }
    await until(() => response.complete);
    expect(seen).toEqual(pieces);
  });

  test('a request: each piece is there before the client sends the next', async () => {
    const seen: string[] = [];
    const { proxy, path } = await proxyTo((request, response) => {
      request.on('data', (chunk: Buffer) => seen.push(chunk.toString())).on('end', () => response.end());
    });
    const { request, answer } = open(proxy, path);
    for (const piece of ['one', 'two', 'three']) {
      request.write(piece);
      await until(() => seen.at(-1) === piece);
    }
    request.end();
    expect((await answer).statusCode).toBe(200);
    expect(seen).toEqual(['one', 'two', 'three']);
  });

  test('a side that does not read holds up the other, and nothing piles up', async () => {
    const block = randomBytes(1024 * 1024);
    const blocks = 128;
    const whole = sum(Buffer.concat(Array(blocks).fill(block)));
    let sent = 0;
    const { proxy, path } = await proxyTo(async (request, response) => {
      request.resume();
      for (; sent < blocks; sent++) {
        if (!response.write(block)) await new Promise((resolve) => void response.once('drain', resolve));
      }
      response.end();
    });
    const { request, answer } = open(proxy, path);
    request.end('{}');
    const response = await answer;
    let before = -1;
    while (before < sent) {
      before = sent;
      await new Promise((resolve) => void setTimeout(resolve, 300));
    }
    // What the buffers of the system on both ways hold.
    expect(sent).toBeLessThan(blocks / 2);
    expect(sum(Buffer.concat(await response.toArray()))).toBe(whole);
    expect(proxy.peakMegabytes() ?? 0).toBeLessThan(250);

    // The other way round.
    let taken: IncomingMessage | undefined;
    const slow = await proxyTo((incoming) => (taken = incoming.pause()));
    const upload = open(slow.proxy, path);
    let given = 0;
    const isFull = (): boolean => given < blocks && (given++, upload.request.write(block));
    while (isFull()) await new Promise((resolve) => void setImmediate(resolve));
    await until(() => taken);
    expect(given).toBeLessThan(blocks / 2);
  });
});

describe('when a side breaks off', () => {
  test.each([
    ['before the answer', false],
    ['in the middle of it', true],
  ])('a client that leaves %s takes the request to the upstream with it', async (_, isAnswered) => {
    let [isThere, isClosed] = [false, false];
    const { proxy, path } = await proxyTo((request, response) => {
      isThere = true;
      response.on('close', () => (isClosed = !response.writableFinished));
      request.resume();
      if (isAnswered) response.write('half');
    });
    const { request, answer } = open(proxy, path);
    request.end('{}');
    await until(() => isThere);
    if (isAnswered) await new Promise((resolve) => void answer.then((response) => response.once('data', resolve)));
    request.destroy();
    await until(() => isClosed);
  });

  test.each([
    ['of known length', { 'content-length': '1000' }],
    ['of unknown length', {}],
  ])('an upstream that leaves in the middle of an answer %s: what came is there, and no end', async (_, headers) => {
    const { proxy, path } = await proxyTo((request, response) => {
      request.resume();
      response.writeHead(200, headers).write('first');
      setTimeout(() => response.write('second', () => response.socket?.resetAndDestroy()), 20);
    });
    const answer = await ask(proxy.url, path, { method: 'POST', body: '{}' });
    expect(answer).toMatchObject({ status: 200, isWhole: false });
    expect('firstsecond'.startsWith(answer.body.toString())).toBe(true);
    expect(answer.body.toString()).toContain('first');
  });

  test('an upstream that is not there, or leaves before it answers, is an error that clients try again', async () => {
    const { proxy, path } = await proxyTo((request) => request.socket.resetAndDestroy());
    const answer = await ask(proxy.url, path, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body.toString()).error.message).toContain('cannot be reached (ECONNRESET)');
    expect(proxy.log.map(({ message }) => message).join()).toContain('ECONNRESET');
  });

  test('an upstream that answers before it has the whole request', async () => {
    const { proxy, path } = await proxyTo((_, response) => response.writeHead(413).end('too long'));
    const { request, answer } = open(proxy, path, { headers: { 'content-length': 5_000_000 } });
    request.write('x'.repeat(1000));
    const response = await answer;
    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe('close');
    expect(Buffer.concat(await response.toArray()).toString()).toBe('too long');
    request.destroy();
  });
});

test('a client that leaves while its WebSocket is being opened costs nobody else anything', async () => {
  const upstream = await startUpstream(() => {});
  let offered: net.Socket | undefined;
  upstream.server.on('upgrade', (_, socket: net.Socket) => (offered = socket));
  const proxy = await recordingProxy({ up: upstream.url });
  const socket = net.connect(Number(new URL(proxy.url).port), '127.0.0.1');
  socket.write('GET /up/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const arrived = await until(() => offered);
  const isOver = new Promise<unknown>((resolve) => void arrived.on('end', resolve).on('error', resolve).resume());
  socket.resetAndDestroy();
  await isOver;
  expect((await ask(proxy.url, '/healthz')).status).toBe(200);
});

describe('what HTTP has besides', () => {
  test('expect: 100-continue is the upstream’s to answer', async () => {
    const { proxy, upstream, path } = await proxyTo((request, response) => {
      request.on('data', () => {}).on('end', () => response.end('taken'));
    });
    upstream.server.on('checkContinue', (request: IncomingMessage, response: http.ServerResponse) => {
      if (request.headers['x-refuse']) return void response.writeHead(401).end();
      response.writeContinue();
      upstream.server.emit('request', request, response);
    });
    const headers = { Expect: '100-continue', 'content-length': 4 };
    const asked = open(proxy, path, { headers });
    asked.request.on('continue', () => asked.request.end('body'));
    asked.request.flushHeaders();
    expect(Buffer.concat(await (await asked.answer).toArray()).toString()).toBe('taken');

    const refused = open(proxy, path, { headers: { ...headers, 'x-refuse': '1' } });
    let isContinued = false;
    refused.request.on('continue', () => (isContinued = true)).flushHeaders();
    expect((await refused.answer).statusCode).toBe(401);
    expect(isContinued).toBe(false);
    refused.request.destroy();
  });

  test('an offer to speak HTTP/2 is left aside, as Java’s client makes it', async () => {
    const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(300_000) }));
    let seen: { headers: IncomingMessage['headers']; sum: string } | undefined;
    const { proxy } = await proxyTo(async (request, response) => {
      seen = { headers: request.headers, sum: sum(Buffer.concat(await request.toArray())) };
      response.end('understood');
    });
    const lines = ['POST /up/x HTTP/1.1', 'Host: a', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'];
    const start = [...lines, 'HTTP2-Settings: AAMA', `Content-Length: ${body.length}`, '', ''].join('\r\n');
    const answer = await speak(proxy, Buffer.concat([Buffer.from(start), body]), 'understood');
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(seen?.sum).toBe(sum(body));
    expect(Object.keys(seen?.headers ?? {})).not.toEqual(expect.arrayContaining(['upgrade', 'http2-settings']));
  });

  test('connections to the upstream are used again', async () => {
    const { proxy, upstream, path } = await proxyTo((request, response) => {
      request.resume().on('end', () => response.end('ok'));
    });
    for (let count = 0; count < 20; count++) await ask(proxy.url, path, { method: 'POST', body: '{}' });
    expect(upstream.connections.made).toBe(1);
  });

  test('what leads nowhere, or out of the upstream, is not asked for', async () => {
    let asked = 0;
    const upstream = await startUpstream((_, response) => {
      asked++;
      response.end();
    });
    const proxy = await recordingProxy({ up: `${upstream.url}/base` });
    const targets = ['/', '/nobody/v1', '//up/x', '/up/../x', '/up/v1/%2e%2e/x', '/up/v1/..%2Fx', '/up/..;/x'];
    for (const target of [...targets, 'http://169.254.169.254/up/x', '*'])
      expect(await speak(proxy, `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, '}}'), target).toContain(' 404 ');
    expect(asked).toBe(0);
    const tunnel = net.connect(Number(new URL(proxy.url).port), '127.0.0.1');
    tunnel.write('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n');
    tunnel.on('error', () => {});
    await new Promise((resolve) => void tunnel.on('close', resolve).resume());
  });
});
