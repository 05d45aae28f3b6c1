// An app that ends LLM spans and then itself, in the way its settings say, with our pipeline or the stock one.
import cluster from 'node:cluster';
import { openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { createDelivery } from '../../dist/delivery/create-delivery.js';
import { LlmSpanProcessor } from '../../dist/exporter/span-processor.js';

const settings = JSON.parse(process.argv[2] ?? workerData);
const { pipeline, baseUrl, directory, journal, spans, everyMs, burst, bytes, large, bad } = settings;
const { ending, topology, uid, clockJumpMs, durability, maxBytes, timeScale } = settings;

// What happened is written where it survives the process: by one append, which no reader slows down.
const file = openSync(journal, 'a');
if (uid) process.setuid(uid);
const note = (kind, value) =>
  void writeSync(
    file,
    `${JSON.stringify({ kind, value, pid: process.pid, at: performance.timeOrigin + performance.now() })}\n`,
  );
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is of windows
const say = (word) => void (isMainThread ? process.stdout.write(`${word}\n`) : parentPort.postMessage(word));

function ours() {
  const destination = { baseUrl, publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };
  const spool = { directory, durability, maxBytes, maxAgeMs: 1e9 };
  const delivery = createDelivery({ destination, spool, timeScale });
  const processor = new LlmSpanProcessor({ delivery, spool });
  // After the processor has put everything where it survives.
  process.on('exit', () => note('counters', delivery.counters()));
  return {
    processor,
    flush: async () => {
      await processor.forceFlush();
      return (await delivery.forceFlush(60_000)).outcome;
    },
  };
}

function stock() {
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${baseUrl}/api/public/otel/v1/traces` }),
  });
  return { processor, flush: () => processor.forceFlush().then(() => 'flushed') };
}

/** Somebody sets the clock of the machine, for this process. */
function setClock(byMs) {
  const Real = globalThis.Date;
  globalThis.Date = class extends Real {
    constructor(...given) {
      super(...(given.length > 0 ? given : [Real.now() + byMs]));
    }
    static now() {
      return Real.now() + byMs;
    }
  };
}

const pause = (ms) => new Promise((resolve) => void setTimeout(resolve, ms));

async function work() {
  const { processor, flush } = pipeline === 'stock' ? stock() : ours();
  process.on('exit', () => note('memory', process.resourceUsage().maxRSS * 1024));
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('app');
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.usage.input_tokens': 14,
    'gen_ai.usage.output_tokens': 3,
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'x'.repeat(bytes) }] }]),
  };
  const endSpan = (index) => {
    const name = index === bad ? 'bad' : 'chat gpt-4o-mini';
    const text = index === large ? { 'gen_ai.output.messages': 'x'.repeat(20_000_000) } : {};
    const span = tracer.startSpan(name, { attributes: { ...attributes, ...text } });
    span.end();
    note('span', span.spanContext().spanId);
  };

  const ENDINGS = {
    async drained() {
      note('flushed', await flush());
    },
    natural() {},
    exit: () => process.exit(3),
    throw() {
      throw new Error('the app failed');
    },
    reject: () => void Promise.reject(new Error('the app failed')),
    wait() {
      setInterval(() => {}, 1000);
      say('ready');
    },
    handle() {
      process.on('SIGTERM', () => setTimeout(() => process.exit(7), 50));
      ENDINGS.wait();
    },
  };

  if (ending === 'wait') say('started');
  for (let index = 0; index < spans;) {
    for (let each = 0; each < burst && index < spans; each++) endSpan(index++);
    if (clockJumpMs && index === spans / 2) setClock(clockJumpMs);
    if (everyMs > 0) await pause(everyMs);
  }
  await ENDINGS[ending]();
}

const MEMBERS = 3;
const self = fileURLToPath(import.meta.url);

const TOPOLOGIES = {
  alone: work,
  workers() {
    const member = JSON.stringify({ ...settings, topology: 'alone' });
    return Array.from({ length: MEMBERS }, () => new Worker(self, { workerData: member }));
  },
  terminated() {
    const member = JSON.stringify({ ...settings, topology: 'alone' });
    const worker = new Worker(self, { workerData: member });
    worker.once('message', () => setTimeout(() => worker.terminate(), 100 + Math.random() * 400));
  },
  cluster() {
    // The channel to the primary keeps a worker that has nothing left to do.
    if (cluster.isWorker) return work().then(() => cluster.worker.disconnect());
    for (let index = 0; index < MEMBERS; index++) cluster.fork();
    let ended = 0;
    cluster.on('exit', () => ++ended === MEMBERS && process.exit(0));
  },
};

await (isMainThread ? TOPOLOGIES[topology] : work)();
