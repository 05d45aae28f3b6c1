// What the stages of one call cost by themselves, on one thread that does nothing else: processor time and allocation.
// Steady where other work on the machine drowns what `overhead.mjs` measures. Explained in docs/performance.md.
//
//   node --expose-gc --max-semi-space-size=128 bench/stages.mjs [--dist ../other-checkout/dist]
import path from 'node:path';
import { parseArgs } from 'node:util';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { openaiChat } from '../test/support/stand-in/openai-chat.mjs';
import { CASES } from './cases.mjs';
import { table } from './statistics.mjs';

const { values: options } = parseArgs({
  options: { dist: { type: 'string', default: path.join(import.meta.dirname, '../dist') } },
});
const load = (file) => import(path.resolve(options.dist, file));
const { Instrument } = await load('instrumentation/instrument.js');
const { LlmSpanProcessor } = await load('exporter/span-processor.js');
const { encodeRecords } = await load('delivery/record.js');
const { findProtocol } = await load('protocol/protocols.js');
const { finishPendingWork } = await load('util/pending-work.js');

/** As many as wait for each other in an app that makes some thousand calls a second. */
const BATCH = 60;
const WARM_UP = 80;
const BATCHES = 40;
/** The least of so many: the rest is what the machine did meanwhile. */
const ROUNDS = 7;

let records = [];
const processor = new LlmSpanProcessor({
  delivery: { accept: (accepted) => (records = accepted), appendNow() {}, async forceFlush() {}, async shutdown() {} },
});
const provider = new TracerProvider({ spanProcessors: [processor] });
const capture = { content: true, maxContentLength: 1_000_000, streamUsage: 'off' };
const instrument = new Instrument(
  () => capture,
  () => provider,
);
const url = { host: '127.0.0.1:4000', path: '/v1/chat/completions', secure: false };
const protocol = findProtocol(url.path, url.host);

/** What the hook sees of one call, as in `overhead.mjs` but for the network. */
function callOf({ request, answer }) {
  const requestBody = JSON.stringify(request);
  const body = JSON.stringify(openaiChat.body(request, answer, 'chatcmpl-D3Sr9M0UJQDeDJfKsXLuaVoM0001'));
  const chunks = openaiChat
    .events(request, answer, 'chatcmpl-D3Sr9M0UJQDeDJfKsXLuaVoM0001')
    .map(({ data }) => Buffer.from(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`));
  const header = () => (request.stream ? 'text/event-stream; charset=utf-8' : 'application/json');
  const response = {};
  return {
    /** The app's own, so not measured. */
    parse: () => (request.stream ? undefined : JSON.parse(body)),
    make(parsed) {
      const { exchange } = instrument.begin(protocol, url);
      exchange.requestBody = requestBody;
      exchange.begin(200, header);
      if (request.stream) for (const chunk of chunks) exchange.chunk(chunk, response);
      else exchange.parsed(parsed, response);
      exchange.end({ kind: 'finished' }, response);
    },
  };
}

const STAGES = {
  'during the call: references and times': (call, bodies) => bodies.forEach((body) => call.make(body)),
  'reading the exchange, writing its span': () => finishPendingWork(false),
  'exporter: from the span to OTLP JSON': () => processor.appendNow(),
  'framing for the disk': () => encodeRecords(records),
};

/** What each stage of a batch takes of something that `read` says. */
function measure(call, read) {
  const bodies = Array.from({ length: BATCH }, call.parse);
  return Object.values(STAGES).map((stage) => {
    const before = read();
    stage(call, bodies);
    return (read() - before) / BATCH;
  });
}

function microseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const add = (a, b) => a.map((value, index) => value + b[index]);
const least = (a, b) => a.map((value, index) => Math.min(value, b[index]));

function report({ label, ...example }) {
  const call = callOf(example);
  for (let batch = 0; batch < WARM_UP; batch++) measure(call, microseconds);
  const rounds = Array.from({ length: ROUNDS }, () =>
    Array.from({ length: BATCHES }, () => measure(call, microseconds)).reduce(add),
  );
  const times = rounds.reduce(least).map((time) => time / BATCHES);
  // Nothing is collected within one batch.
  globalThis.gc?.();
  const bytes = measure(call, () => process.memoryUsage().heapUsed);
  console.log(`\n### ${label}\n`);
  const rows = Object.keys(STAGES).map((stage, index) => [
    stage,
    times[index].toFixed(0),
    (bytes[index] / 1024).toFixed(0),
  ]);
  console.log(table(['a call', 'processor time, µs', 'allocated, KB'], rows));
}

Object.values(CASES).forEach(report);
// Timers of the pipeline are still running.
process.exit();
