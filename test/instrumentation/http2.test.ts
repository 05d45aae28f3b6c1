import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as importedConnect,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';
import { eventMessage } from '../support/event-stream.ts';

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = http2.constants;
const PATH = '/model/amazon.nova-lite-v1%3A0/converse';
const USAGE = { inputTokens: 11, outputTokens: 5, totalTokens: 16 };
const ANSWER = JSON.stringify({
  output: { message: { role: 'assistant', content: [{ text: 'Rhine' }] } },
  stopReason: 'end_turn',
  usage: USAGE,
});
const EVENTS = [
  eventMessage('messageStart', { role: 'assistant' }),
  eventMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Rhine' } }),
  eventMessage('messageStop', { stopReason: 'end_turn' }),
  eventMessage('metadata', { usage: USAGE }),
];
const JSON_HEADERS = { ':status': 200, 'content-type': 'application/json' };
const STREAM_HEADERS = { ':status': 200, 'content-type': 'application/vnd.amazon.eventstream' };
/** What was written must have been read by then. */
const READ_MS = 30;

const sockets = new Set<Socket>();

/** What the server does, by the header `x-do`. */
const SERVER: Readonly<Record<string, (stream: ServerHttp2Stream) => unknown>> = {
  plain(stream) {
    stream.respond(JSON_HEADERS);
    stream.end(ANSWER);
  },
  gzip(stream) {
    stream.respond({ ...JSON_HEADERS, 'content-encoding': 'gzip' });
    stream.end(gzipSync(ANSWER));
  },
  async stream(stream) {
    stream.respond(STREAM_HEADERS);
    for (const event of EVENTS) {
      stream.write(event);
      await sleep(1);
    }
    stream.end();
  },
  trailers(stream) {
    stream.respond(JSON_HEADERS, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ checksum: 'abc' }));
    stream.end(ANSWER);
  },
  headersOnly(stream) {
    stream.respond({ ':status': 503, 'x-amzn-errortype': 'ServiceUnavailableException:' }, { endStream: true });
  },
  refuse(stream) {
    stream.respond({ ...JSON_HEADERS, ':status': 429 });
    stream.end('{"message":"Slow down"}');
  },
  large(stream) {
    stream.respond(JSON_HEADERS);
    stream.end(`${' '.repeat(4_000_000)}${ANSWER}`);
  },
  resetFirst: (stream) => stream.close(NGHTTP2_ENHANCE_YOUR_CALM),
  resetLater: (stream) => half(stream, () => stream.destroy(new Error('internal'))),
  cancelLater: (stream) => half(stream, () => stream.destroy(new DOMException('cancelled', 'AbortError'))),
  goAway: (stream) => half(stream, () => stream.session?.goaway(NGHTTP2_INTERNAL_ERROR)),
  cut: (stream) => half(stream, () => sockets.forEach((socket) => socket.destroy())),
  stall: (stream) => half(stream),
  hang() {},
};

async function half(stream: ServerHttp2Stream, then?: () => unknown): Promise<void> {
  stream.respond(STREAM_HEADERS);
  stream.write(Buffer.concat(EVENTS.slice(0, 2)));
  await sleep(READ_MS);
  then?.();
}

/** How the app uses the stream it gets. */
type Use = (stream: ClientHttp2Stream, log: string[]) => unknown;

async function readAll(stream: ClientHttp2Stream, log: string[]): Promise<void> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
  stream.on('end', () => void log.push(`end ${Buffer.concat(chunks).toString('base64').slice(-400)}`));
}

/** An exchange as the app sees it: every event in order, what was read, how it ended. */
async function exchange(session: ClientHttp2Session, what: string, use: Use, options = {}): Promise<string[]> {
  const log: string[] = [];
  const stream = session.request({ ':method': 'POST', ':path': PATH, 'x-do': what }, options);
  const own = ['response', 'data', 'end', 'error', 'close', 'aborted'].map((name) => stream.listenerCount(name));
  log.push(`listeners ${own.join()}`);
  stream.on('response', (headers) => void log.push(`response ${headers[':status']}`));
  stream.on('trailers', (headers) => void log.push(`trailers ${JSON.stringify(headers)}`));
  stream.on('aborted', () => void log.push('aborted'));
  stream.on('error', (error) => void log.push(`error ${(error as NodeJS.ErrnoException).code}`));
  const closed = new Promise((resolve) => void stream.on('close', resolve));
  stream.write('{"messages":[{"role":"user",');
  stream.end(Buffer.from('"content":[{"text":"River?"}]}]}'));
  await use(stream, log);
  await closed;
  log.push(`close ${stream.rstCode} ${stream.destroyed}`);
  return log;
}

let servers: Record<'http' | 'https', http2.Http2Server | http2.Http2SecureServer>;
const exporter = new InMemorySpanExporter();
const instrumentation = new LlmInstrumentation({ enabled: false });

function startServer(server: http2.Http2Server | http2.Http2SecureServer): Promise<unknown> {
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    void SERVER[String(headers['x-do'])]?.(stream);
  });
  server.on('connection', (socket: Socket) => void sockets.add(socket));
  server.on('session', (session) => session.on('error', () => {}));
  return once(server.listen(0, '127.0.0.1'), 'listening');
}

beforeAll(async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-test-'));
  const [key, cert] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  servers = {
    http: http2.createServer(),
    https: http2.createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }),
  };
  rmSync(directory, { recursive: true });
  await Promise.all(Object.values(servers).map(startServer));
  instrumentation.setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});

afterAll(() => {
  for (const server of Object.values(servers)) server.close();
});

beforeEach(() => exporter.reset());

function open(scheme: 'http' | 'https' = 'http'): ClientHttp2Session {
  const { port } = servers[scheme].address() as AddressInfo;
  const session = http2.connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  session.on('error', () => {});
  return session;
}

/** Runs an exchange on a session of its own, without and with the hook: the app must see the same. */
async function compare(
  what: string,
  use: Use,
  scheme: 'http' | 'https' = 'http',
  options = () => ({}),
): Promise<string[]> {
  const plainly = await onOwnSession(what, use, scheme, options());
  instrumentation.enable();
  try {
    const observed = await onOwnSession(what, use, scheme, options());
    expect(observed).toEqual(plainly);
    return observed;
  } finally {
    instrumentation.disable();
  }
}

async function onOwnSession(what: string, use: Use, scheme: 'http' | 'https', options: object): Promise<string[]> {
  const session = open(scheme);
  try {
    return await exchange(session, what, use, options);
  } finally {
    session.destroy();
  }
}

/** What the spans say, in short. Tokens that were counted here, as for any answer without usage, do not matter. */
function spans(): Record<string, unknown>[] {
  finishPendingWork();
  return exporter.getFinishedSpans().map(({ attributes, status, ended }) => {
    const tokens = [attributes['gen_ai.usage.input_tokens'], attributes['gen_ai.usage.output_tokens']];
    const isStated = tokens[0] !== undefined && !attributes['otel_langfuse.usage.estimated'];
    return {
      ended,
      status: status.code,
      model: attributes['gen_ai.request.model'],
      ...(isStated && { tokens }),
      ...(attributes['error.type'] !== undefined && { error: attributes['error.type'] }),
    };
  });
}

const model = 'amazon.nova-lite-v1:0';
const ANSWERED = { ended: true, status: 0, model, tokens: [11, 5] };
const unanswered = (status: number, error?: string): object => ({
  ended: true,
  status,
  model,
  ...(error && { error }),
});

describe('an exchange is as it would be without the hook, and is one span', () => {
  test.each(['plain', 'gzip', 'stream', 'trailers', 'large'])('%s', async (what) => {
    const log = await compare(what, readAll);
    expect(log.at(-1)).toBe('close 0 true');
    expect(spans()).toEqual([ANSWERED]);
  });

  test('over TLS', async () => {
    await compare('stream', readAll, 'https');
    expect(spans()).toEqual([ANSWERED]);
    const [span] = exporter.getFinishedSpans();
    expect(span?.attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': (servers.https.address() as AddressInfo).port,
      'gen_ai.provider.name': 'aws.bedrock',
    });
    expect(span?.attributes['gen_ai.input.messages']).toContain('River?');
  });

  test('read by an iterator', async () => {
    await compare('stream', async (stream, log) => {
      for await (const chunk of stream) log.push((chunk as Buffer).toString('base64'));
    });
    expect(spans()).toEqual([ANSWERED]);
  });

  test('an error status', async () => {
    await compare('refuse', readAll);
    expect(spans()).toEqual([unanswered(2, 'ThrottlingException')]);
  });

  test('an error status without a body', async () => {
    await compare('headersOnly', readAll);
    expect(spans()).toEqual([unanswered(2, 'ServiceUnavailableException')]);
  });

  test.each([
    ['resetFirst', unanswered(2, 'ERR_HTTP2_STREAM_ERROR')],
    ['resetLater', unanswered(2, 'ERR_HTTP2_STREAM_ERROR')],
    ['cancelLater', unanswered(2, 'ERR_HTTP2_STREAM_ERROR')],
    ['cut', unanswered(2, 'ERR_STREAM_PREMATURE_CLOSE')],
    ['goAway', unanswered(2, 'ERR_HTTP2_SESSION_ERROR')],
  ])('the server breaks off: %s', async (what, span) => {
    await compare(what, readAll);
    expect(spans()).toEqual([span]);
  });
});

function onFirstChunk(stop: (stream: ClientHttp2Stream) => unknown): Use {
  return (stream) => stream.once('data', () => stop(stream));
}

describe('the app stops', () => {
  test.each<[string, string, Use, object]>([
    ['closes it', 'stall', onFirstChunk((stream) => stream.close(NGHTTP2_CANCEL)), unanswered(0)],
    ['destroys it', 'stall', onFirstChunk((stream) => stream.destroy()), unanswered(0)],
    ['destroys the session', 'stall', onFirstChunk((stream) => stream.session?.destroy()), unanswered(0)],
    [
      'leaves an iterator',
      'stall',
      async (stream) => {
        for await (const _ of stream) break;
      },
      unanswered(0),
    ],
    [
      'closes it before an answer',
      'hang',
      (stream) => setTimeout(() => stream.close(NGHTTP2_CANCEL), READ_MS),
      unanswered(2, 'AbortError'),
    ],
    [
      'destroys it with an error',
      'stall',
      onFirstChunk((stream) => stream.destroy(Object.assign(new Error('late'), { code: 'E_LATE' }))),
      unanswered(2, 'E_LATE'),
    ],
  ])('%s', async (_, what, use, span) => {
    await compare(what, use);
    expect(spans()).toEqual([span]);
  });

  test.each([
    ['stall', unanswered(0)],
    ['hang', unanswered(2, 'AbortError')],
  ])('by a signal: %s', async (what, span) => {
    await compare(
      what,
      (stream) => stream.resume(),
      'http',
      () => ({ signal: AbortSignal.timeout(READ_MS * 2) }),
    );
    expect(spans()).toEqual([span]);
  });
});

describe('flow', () => {
  test('nothing is read on our account: a response that nobody reads stays on its way', async () => {
    const buffered: number[] = [];
    await compare('large', async (stream) => {
      await sleep(READ_MS * 2);
      buffered.push(stream.readableLength);
      expect(stream.readableFlowing).toBe(null);
      stream.destroy();
    });
    expect(buffered[1]).toBe(buffered[0]);
    expect(buffered[0]).toBeLessThan(1_000_000);
    expect(spans()).toEqual([unanswered(0)]);
  });
});

describe('the hook', () => {
  test('many requests share a session', async () => {
    instrumentation.enable();
    const session = open();
    await Promise.all(['plain', 'stream', 'gzip'].map((what) => exchange(session, what, readAll)));
    await exchange(session, 'plain', readAll);
    session.destroy();
    instrumentation.disable();
    expect(spans()).toEqual([ANSWERED, ANSWERED, ANSWERED, ANSWERED]);
  });

  test('is in what was imported by name, and is gone when it is disabled, also from open sessions', async () => {
    const original = http2.connect;
    instrumentation.enable();
    expect(importedConnect).not.toBe(original);
    expect(importedConnect).toBe(http2.connect);
    const session = open();
    instrumentation.disable();
    expect(http2.connect).toBe(original);
    expect(importedConnect).toBe(original);
    await exchange(session, 'plain', readAll);
    session.destroy();
    expect(spans()).toEqual([]);
  });

  test("other methods and other paths are nobody's business", async () => {
    instrumentation.enable();
    const session = open();
    for (const headers of [
      { ':method': 'GET', ':path': PATH },
      { ':method': 'POST', ':path': '/orders' },
    ]) {
      const stream = session.request({ ...headers, 'x-do': 'plain' });
      expect(Object.hasOwn(stream, 'push')).toBe(false);
      stream.resume().end();
      await once(stream, 'close');
    }
    session.destroy();
    instrumentation.disable();
    expect(spans()).toEqual([]);
  });
});
