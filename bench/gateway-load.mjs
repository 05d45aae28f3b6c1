// Sends traces of an agent as the OpenTelemetry SDK encodes them, made beforehand, over a few connections kept alive.
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const TRACES = Number(process.argv[2]);
const CONNECTIONS = 8;
const PROMPT = JSON.stringify([
  { role: 'user', parts: [{ type: 'text', content: 'Which way is the sea? '.repeat(40) }] },
]);
const ANSWER = JSON.stringify([
  { role: 'assistant', parts: [{ type: 'text', content: 'Down the hill. '.repeat(20) }], finish_reason: 'stop' },
]);

function call(input, output) {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.usage.input_tokens': input,
    'gen_ai.usage.output_tokens': output,
    'gen_ai.input.messages': PROMPT,
    'gen_ai.output.messages': ANSWER,
  };
}

/** Request, agent with the tokens of its calls, a step of the app, and two calls. */
function makeTrace(tracer) {
  const start = (name, kind, attributes, parent) =>
    tracer.startSpan(
      `bench span ${name}`,
      { kind, attributes },
      parent ? trace.setSpan(context.active(), parent) : undefined,
    );
  const root = start('request', SpanKind.SERVER, { 'http.request.method': 'POST', 'url.path': '/ask' });
  const agent = start('agent', SpanKind.INTERNAL, call(2400, 240), root);
  const step = start('step', SpanKind.INTERNAL, {}, agent);
  for (let index = 0; index < 2; index++) start('chat', SpanKind.CLIENT, call(1200, 120), step).end();
  for (const span of [step, agent, root]) span.end();
}

/** The bodies that the SDK sends. */
async function record() {
  const bodies = [];
  const server = createServer((incoming, response) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const exporter = new OTLPTraceExporter({
    url: `http://127.0.0.1:${server.address().port}`,
    // A flush sends everything at once.
    concurrencyLimit: TRACES,
  });
  const provider = new TracerProvider({
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: 5 * TRACES })],
  });
  for (let index = 0; index < TRACES; index++) makeTrace(provider.getTracer('bench'));
  await provider.shutdown();
  server.close();
  return bodies;
}

function post(url, body, agent) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length };
    request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end(body);
  });
}

/** To all addresses in turn. */
async function sendAll(urls, bodies) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const rest = bodies.entries();
  const send = async () => {
    // One iterator for all connections: each takes the next.
    for (const [index, body] of rest) {
      while ((await post(`${urls[index % urls.length]}/v1/traces`, body, agent)) !== 200);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  agent.destroy();
}

const bodies = await record();
const WARM_UP = bodies.splice(0, Math.ceil(bodies.length / 4));
const PARTS = { 'warm-up': WARM_UP, rest: bodies };
process.on('message', ({ urls, part }) => void sendAll(urls, PARTS[part]).then(() => process.send('sent')));
process.on('disconnect', () => process.exit());
const bytes = bodies.reduce((sum, { length }) => sum + length, 0);
const spans = bodies.reduce((sum, body) => sum + body.toString('latin1').split('bench span').length - 1, 0);
process.send({ spans, bytesASpan: Math.round(bytes / spans) });
