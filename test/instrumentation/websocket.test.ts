import { createHash } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { context, createContextKey } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LlmInstrumentation } from '../../src/instrumentation/llm-instrumentation.ts';
import { finishPendingWork } from '../../src/util/pending-work.ts';

const REALTIME = '/v1/realtime?model=gpt-realtime';
const exporter = new InMemorySpanExporter();
const instrumentation = new LlmInstrumentation({ enabled: false });
let server: Server;

/** What the server does with a connection, a moment after the handshake. */
let serve: (socket: Socket) => void;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  instrumentation.setTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
  server = createServer();
  server.on('upgrade', ({ headers }, socket: Socket) => {
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`);
    socket.write(`Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on('error', () => {}).on('end', () => socket.end());
    setTimeout(() => serve(socket), 20);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(() => {
  server.close();
  context.disable();
});
beforeEach(() => instrumentation.enable());
afterEach(() => {
  instrumentation.disable();
  exporter.reset();
});

/** Opens a WebSocket as a library would, does something with it, and waits until it is over. */
async function connect(path: string, use: (socket: Socket) => void, port = portOf(server)): Promise<ReadableSpan[]> {
  await new Promise<void>((resolve) => {
    const upgrade = request({
      port,
      host: '127.0.0.1',
      path,
      headers: { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'x', 'Sec-WebSocket-Version': '13' },
    });
    upgrade.on('error', () => resolve());
    upgrade.on('upgrade', (_response, socket: Socket) => {
      socket.on('error', () => {}).on('close', () => resolve());
      socket.resume();
      use(socket);
    });
    upgrade.end();
  });
  finishPendingWork();
  return exporter.getFinishedSpans();
}

function portOf(listening: Server): number {
  return (listening.address() as AddressInfo).port;
}

function text(message: object): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
}

function close(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff]);
}

const errorsOf = (spans: readonly ReadableSpan[]): unknown[] => spans.map(({ attributes }) => attributes['error.type']);

describe('a session has one span, however it ends', () => {
  test.each<[string, (socket: Socket) => void, (socket: Socket) => void, string | undefined]>([
    ['closed by the server', (socket) => socket.end(close(1000)), () => {}, undefined],
    ['closed by the server for a reason', (socket) => socket.end(close(1011)), () => {}, '1011'],
    ['closed by the app', (socket) => socket.resume(), (socket) => socket.end(close(4999)), undefined],
    ['dropped by the app', (socket) => socket.resume(), (socket) => socket.destroy(), undefined],
    ['left by the server', (socket) => socket.end(text({ type: 'x' })), () => {}, '1006'],
    ['cut', (socket) => socket.resetAndDestroy(), () => {}, 'ECONNRESET'],
  ])('%s', async (_title, atServer, atClient, error) => {
    serve = atServer;
    const spans = await connect(REALTIME, atClient);
    expect(spans.map(({ name }) => name)).toEqual(['realtime_session gpt-realtime']);
    expect(errorsOf(spans)).toEqual([error]);
  });

  test('never begun', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => {
      closed.listen(0, '127.0.0.1', resolve);
    });
    const port = portOf(closed);
    await new Promise((resolve) => {
      closed.close(resolve);
    });
    expect(errorsOf(await connect(REALTIME, () => {}, port))).toEqual(['ECONNREFUSED']);
  });

  test('with the process', async () => {
    serve = (socket) => socket.write(text({ type: 'response.created', response: { id: 'resp_1' } }));
    const spans = await connect(REALTIME, (socket) => {
      socket.once('data', () => {
        finishPendingWork(true);
        socket.destroy();
      });
    });
    expect(spans.map(({ name }) => name)).toEqual(['chat gpt-realtime', 'realtime_session gpt-realtime']);
    expect(errorsOf(spans)).toEqual([undefined, undefined]);
  });
});

describe('no span', () => {
  beforeEach(() => {
    serve = (socket) => socket.end(close(1000));
  });

  test('for a WebSocket to something else', async () => {
    expect(await connect('/chat', (socket) => socket.end())).toEqual([]);
  });

  test('where tracing is suppressed', async () => {
    const key = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
    const suppressed = context.active().setValue(key, true);
    expect(await context.with(suppressed, () => connect(REALTIME, (socket) => socket.end()))).toEqual([]);
  });

  test('once it is disabled', async () => {
    instrumentation.disable();
    expect(await connect(REALTIME, (socket) => socket.end())).toEqual([]);
  });
});

test('one message that cannot be read costs no other', async () => {
  const done = { type: 'response.done', response: { id: 'r1', usage: { input_tokens: 3, output_tokens: 4 } } };
  serve = (socket) => socket.end(Buffer.concat([Buffer.from([0x81, 1, 0x7b]), text(done), close(1000)]));
  const [turn] = await connect(REALTIME, () => {});
  expect(turn?.attributes['gen_ai.usage.input_tokens']).toBe(3);
});
