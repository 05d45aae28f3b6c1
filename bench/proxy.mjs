// What a proxy adds to the first byte and to the whole of an answer: ours, which records every call, beside one that only
// passes on, and none.
//
//   node bench/proxy.mjs [--rounds 20] [--case stream]
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { installPeers } from './install-peers.mjs';
import { median, spread, table } from './statistics.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    case: { type: 'string', multiple: true, default: ['chat', 'stream'] },
  },
});

/** Calls of one variant in a round, and how many at a time. */
const CALLS = 256;
const PARALLEL = [1, 32];
/** Rounds before the measured ones: until then the compiler is still at work. */
const WARM_UP = 5;

async function startServer(file, env = {}) {
  const child = fork(path.join(import.meta.dirname, file), { env: { ...process.env, ...env } });
  const [{ url }] = await once(child, 'message');
  return { child, url };
}

async function startOurs(provider, sink, spool) {
  const main = path.join(import.meta.dirname, '../dist/cli/main.js');
  const child = spawn(process.execPath, [main, 'proxy', '--port', '0', '--upstream', `openai=${provider}`], {
    env: {
      ...process.env,
      LANGFUSE_BASE_URL: sink,
      LANGFUSE_PUBLIC_KEY: 'pk-lf-bench',
      LANGFUSE_SECRET_KEY: 'sk-lf-bench',
      OTEL_LANGFUSE_SPOOL_DIR: spool,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const [, url] = /listens on (http[^\s"]+)/.exec(line) ?? [];
    if (url) return { child, url: `${url}/openai` };
  }
  throw new Error('our proxy has not started');
}

const agent = new Agent({ keepAlive: true });

/** A call of a model, and something else, which ours only passes on as well. */
const CHAT = '/v1/chat/completions';
const OTHER = '/v1/other';

/** One call; in microseconds until the first byte of the body and until its end. */
function call({ base, path: target }, name) {
  const { hostname, port, pathname } = new URL(base + target);
  const body = JSON.stringify(CASES[name].request);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    authorization: 'Bearer sk-bench',
    'x-bench-case': name,
  };
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const since = () => (performance.now() - startedAt) * 1000;
    let first;
    const outgoing = request({ hostname, port, path: pathname, method: 'POST', headers, agent }, (response) => {
      response.once('data', () => (first = since()));
      response.on('data', () => {}).on('end', () => resolve({ first, whole: since() }));
    });
    outgoing.on('error', reject).end(body);
  });
}

/** Median times of many calls, some at a time. */
async function measure(variant, name, parallel) {
  const times = [];
  const lane = async () => {
    for (let count = 0; count < CALLS / parallel; count++) times.push(await call(variant, name));
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return { first: median(times.map(({ first }) => first)), whole: median(times.map(({ whole }) => whole)) };
}

installPeers();
const provider = await startServer('provider.mjs');
const sink = await startServer('sink.mjs');
const spool = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-bench-'));
const peer = await startServer('proxy-peer.cjs', { BENCH_PROVIDER: provider.url });
const ours = await startOurs(provider.url, sink.url, spool);
const VARIANTS = {
  direct: { base: provider.url, path: CHAT },
  'http-proxy, which only passes on': { base: peer.url, path: CHAT },
  'otel-langfuse proxy, where it only passes on': { base: ours.url, path: OTHER },
  'otel-langfuse proxy': { base: ours.url, path: CHAT },
};

for (const name of options.case) {
  for (const parallel of PARALLEL) {
    const rounds = [];
    for (let round = 0; round < WARM_UP + Number(options.rounds); round++) {
      const names = Object.keys(VARIANTS);
      const measured = {};
      // The order moves on each round: what the machine does meanwhile falls on all alike.
      for (let index = 0; index < names.length; index++) {
        const variant = names[(index + round) % names.length];
        measured[variant] = await measure(VARIANTS[variant], name, parallel);
      }
      if (round >= WARM_UP) rounds.push(measured);
    }
    const of = (variant, what) => rounds.map((round) => round[variant][what]);
    const added = (variant, what) => rounds.map((round) => round[variant][what] - round.direct[what]);
    console.log(
      `\n${CASES[name].label}, ${parallel} at a time: µs, median of ${rounds.length} rounds (smallest to largest)\n`,
    );
    console.log(
      table(
        ['', 'first byte', 'whole answer'],
        Object.keys(VARIANTS).map((variant) => [
          variant,
          ...['first', 'whole'].map((what) =>
            variant === 'direct' ? spread(of(variant, what)) : `+${spread(added(variant, what))}`,
          ),
        ]),
      ),
    );
  }
}

const ended = once(ours.child, 'exit');
ours.child.kill('SIGTERM');
await ended;
sink.child.send('count');
const [{ spans }] = await once(sink.child, 'message');
const calls = options.case.length * PARALLEL.length * (WARM_UP + Number(options.rounds)) * CALLS;
console.log(`\nCalls through our proxy that arrived with tokens: ${spans} of ${calls}`);
agent.destroy();
for (const { child } of [provider, sink, peer]) child.disconnect();
rmSync(spool, { recursive: true, force: true });
