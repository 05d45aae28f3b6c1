// Every way in which an app calls a model, by what watches it there. Each call tells what the app gets of it.
import { tracingChannel } from 'node:diagnostics_channel';
import http from 'node:http';
import http2 from 'node:http2';
import { createRequire } from 'node:module';
import path from 'node:path';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { LlmInstrumentation, LlmSpanProcessor, register, withLlmContext } from 'otel-langfuse';
import { createDelivery } from '../../dist/delivery/create-delivery.js';

const { CLIENTS, OPENAI_URL, BEDROCK_URL, REALTIME_URL } = process.env;
const { request: undiciRequest, fetch: undiciFetch, WebSocket: UndiciWebSocket } = client('undici');
const { WebSocket: WsWebSocket } = client('ws');

const url = `${OPENAI_URL}/v1/chat/completions`;
const nobody = 'http://127.0.0.1:9';
const headers = { 'content-type': 'application/json' };
const messages = [{ role: 'user', content: 'Weather?' }];
const plain = { method: 'POST', headers, body: JSON.stringify({ model: 'gpt-4o', messages }) };
const streamed = {
  ...plain,
  body: JSON.stringify({ model: 'gpt-4o', messages, stream: true, stream_options: { include_usage: true } }),
};

function client(name) {
  return createRequire(path.join(CLIENTS, 'package.json'))(name);
}

/** Without what is new in each answer of the stand-in. */
function told(text) {
  return text.replaceAll(/"(?:id|created)":\s*("[^"]*"|\d+)/g, '"…"');
}

async function textOf(chunks) {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString();
  return told(text);
}

const refused = (calling) =>
  calling.then(
    () => 'answered',
    (error) => [error.name, error.message],
  );

async function json() {
  const response = await fetch(url, plain);
  return [response.status, told(JSON.stringify(await response.json()))];
}

const FETCH = {
  json,
  async stream() {
    const response = await fetch(url, streamed);
    return [response.status, await textOf(response.body)];
  },
  async failure() {
    const response = await fetch(`${OPENAI_URL}/v1/nowhere/chat/completions`, { ...plain, body: '{' });
    return [response.status];
  },
  unreachable: () => refused(fetch(`${nobody}/v1/chat/completions`, plain)),
  inContext: async () => withLlmContext({ userId: 'ada', tags: ['beta'] }, json),
};

const overHttp = (to, { method, body }) =>
  new Promise((resolve, reject) => {
    const request = http.request(to, { method, headers }, (response) => {
      textOf(response).then((text) => resolve([response.statusCode, text]), reject);
    });
    request.on('error', reject);
    request.write(body.slice(0, 10));
    request.end(body.slice(10));
  });

const HTTP = {
  http: () => overHttp(url, plain),
  httpStream: () => overHttp(url, streamed),
  httpUnreachable: () => refused(overHttp(`${nobody}/v1/chat/completions`, plain)),
};

/** As clients of AWS call Bedrock. */
const overHttp2 = (operation, use = () => {}) =>
  new Promise((resolve, reject) => {
    const session = http2.connect(BEDROCK_URL);
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': `/model/amazon.nova-lite-v1%3A0/${operation}` });
    let status;
    stream.on('response', (answer) => (status = answer[':status']));
    stream.on('error', reject);
    stream.write('{"messages":[{"role":"user",');
    stream.end(Buffer.from('"content":[{"text":"River?"}]}]}'));
    use(stream);
    textOf(stream)
      .then((text) => resolve([status, text]), reject)
      .finally(() => session.close());
  });

const HTTP2 = {
  converse: () => overHttp2('converse'),
  converseStream: () => overHttp2('converse-stream'),
  converseGivenUp: () =>
    refused(overHttp2('converse-stream', (stream) => stream.once('data', () => stream.destroy(new Error('enough'))))),
};

const UNDICI = {
  async undici() {
    const { statusCode, body } = await undiciRequest(url, plain);
    return [statusCode, await textOf(body)];
  },
  async undiciPieces() {
    const { statusCode, body } = await undiciRequest(url, {
      ...plain,
      body: [plain.body.slice(0, 9), plain.body.slice(9)],
    });
    return [statusCode, await textOf(body)];
  },
  async undiciStream() {
    const response = await undiciFetch(url, streamed);
    return [response.status, await textOf(response.body)];
  },
  undiciUnreachable: () => refused(undiciRequest(`${nobody}/v1/chat/completions`, plain)),
};

/** Asks for one answer over a WebSocket. */
const talk = (WebSocket, scenario) =>
  new Promise((resolve) => {
    const seen = [];
    const socket = new WebSocket(
      `${REALTIME_URL.replace('https:', 'wss:')}/v1/realtime?model=gpt-realtime&scenario=${scenario}`,
    );
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'response.create' })));
    socket.addEventListener('message', ({ data }) => {
      seen.push(data);
      if (JSON.parse(data).type === 'response.done') socket.close(1000, 'done');
    });
    socket.addEventListener('error', () => {
      seen.push('error');
      resolve(seen);
    });
    socket.addEventListener('close', ({ code }) => {
      seen.push(code);
      resolve(seen);
    });
  });

const WEBSOCKETS = {
  ws: () => talk(WsWebSocket, 'injected'),
  undiciWebSocket: () => talk(UndiciWebSocket, 'injected'),
  wsRefused: () => talk(WsWebSocket, 'refused'),
};

const work = tracingChannel('ai:telemetry');
/** As the AI SDK says what it does. */
const announced = (type, event, doing) => work.tracePromise(doing, { type, event: { callId: 'run', ...event } });

const AGENT = {
  agent: () =>
    announced('generateText', { tools: { get_weather: {} }, messages }, () =>
      announced('step', { stepNumber: 0 }, async () => [
        await json(),
        await announced(
          'executeTool',
          { toolCall: { toolName: 'get_weather', toolCallId: 'c1', input: {} } },
          async () => 'rain',
        ),
      ]),
    ),
  agentThatFails: () =>
    refused(
      announced('streamText', { tools: { get_weather: {} } }, () => Promise.reject(new Error('the tool failed'))),
    ),
};

/** The whole package, from the first call on. */
async function whole() {
  register();
  return () => {};
}

const spans = { exporter: new InMemorySpanExporter() };

async function instrumentationAlone() {
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const instrumentation = new LlmInstrumentation();
  instrumentation.setTracerProvider(provider);
  return () => instrumentation.disable();
}

/** What is made of spans, and brought to Langfuse. */
const pipeline = { processor: undefined, delivery: undefined };

async function pipelineAlone() {
  const spool = { directory: process.env.OTEL_LANGFUSE_SPOOL_DIR, durability: 'batch', maxBytes: 1e8, maxAgeMs: 1e9 };
  const destination = { baseUrl: process.env.LANGFUSE_BASE_URL, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };
  pipeline.delivery = createDelivery({ destination, spool });
  pipeline.processor = new LlmSpanProcessor({ delivery: pipeline.delivery });
  return async () => {
    await pipeline.delivery.shutdown(0);
    await pipeline.processor.shutdown();
  };
}

const PIPELINE = {
  async span() {
    const tracer = new TracerProvider({ spanProcessors: [pipeline.processor] }).getTracer('app');
    tracer
      .startSpan('chat gpt-4o', { attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' } })
      .end();
    // Fails with what fails in it, and is what an app does at its end.
    await pipeline.processor.forceFlush(200).catch(() => {});
  },
};

const HOOKS = /^(?:instrumentation|wire|context)\b/;
const SESSIONS = /^(?:instrumentation|wire|context|protocol\/session)\b/;
const PIPELINE_FILES = /^(?:context|delivery|exporter|network)\b/;
const READING = /^(?!instrumentation|wire|context|delivery|exporter|network)/;

/**
 * What a process tries: how it begins, which calls it makes, and the files whose functions throw meanwhile. What is read
 * and sent is the same wherever a call was seen, and is tried with one way to call.
 */
export const PARTS = {
  fetch: { begin: whole, calls: FETCH, files: HOOKS },
  http: { begin: whole, calls: HTTP, files: HOOKS },
  http2: { begin: whole, calls: HTTP2, files: HOOKS },
  undici: { begin: whole, calls: UNDICI, files: HOOKS },
  websockets: { begin: whole, calls: WEBSOCKETS, files: SESSIONS },
  agent: { begin: whole, calls: AGENT, files: HOOKS },
  reading: { begin: whole, calls: FETCH, files: READING },
  instrumentation: { begin: instrumentationAlone, calls: { ...FETCH, ...HTTP }, files: HOOKS },
  pipeline: { begin: pipelineAlone, calls: PIPELINE, files: PIPELINE_FILES },
};
