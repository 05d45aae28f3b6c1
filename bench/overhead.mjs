// What instrumentation adds to a call of the openai client. Explained in docs/performance.md.
//
//   node bench/overhead.mjs [--rounds 5] [--variant ours --variant traceloop] [--case stream]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { installPeers } from './install-peers.mjs';
import { median, spread, table } from './statistics.mjs';
import { preloadOf, VARIANTS } from './variants.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    variant: { type: 'string', multiple: true, default: Object.keys(VARIANTS) },
    case: { type: 'string', multiple: true, default: Object.keys(CASES) },
  },
});
const others = options.variant.filter((name) => name !== 'none');

const MEASURES = {
  latency: 'latency, median',
  wall: 'time a call, one after the other',
  cpu: 'processor time',
};

function here(file) {
  return path.join(import.meta.dirname, file);
}

async function startServer(file) {
  const child = fork(here(file));
  const [{ url }] = await once(child, 'message');
  return { child, url };
}

installPeers();
const provider = await startServer('provider.mjs');
const sink = await startServer('sink.mjs');
const spool = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-bench-'));

/** Runs the app once, in a process of its own. */
async function measure(variant, name) {
  const app = fork(here('app.cjs'), {
    execArgv: preloadOf(VARIANTS[variant]),
    env: {
      ...process.env,
      BENCH_CASE: name,
      BENCH_PROVIDER: provider.url,
      BENCH_SINK: sink.url,
      LANGFUSE_BASE_URL: sink.url,
      LANGFUSE_PUBLIC_KEY: 'pk-lf-bench',
      LANGFUSE_SECRET_KEY: 'sk-lf-bench',
      OTEL_LANGFUSE_SPOOL_DIR: spool,
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    },
  });
  const exit = once(app, 'exit');
  const [result] = await Promise.race([once(app, 'message'), exit]);
  await exit;
  if (app.exitCode !== 0) throw new Error(`the app failed under ${VARIANTS[variant].label}`);
  sink.child.send('count');
  const [{ spans }] = await once(sink.child, 'message');
  const { calls, warmUp } = CASES[name];
  return { ...result, delivered: spans / (calls + warmUp) };
}

/** Each variant once, in an order that moves on each round: what the machine does meanwhile falls on all alike. */
async function measureRound(name, round) {
  const order = ['none', ...others];
  const results = {};
  for (let index = 0; index < order.length; index++) {
    const variant = order[(index + round) % order.length];
    results[variant] = await measure(variant, name);
  }
  return results;
}

function report(name, rounds) {
  const added = (variant, measured) => rounds.map((round) => round[variant][measured] - round.none[measured]);
  const isOurs = others.includes('ours');
  console.log(`\n### ${CASES[name].label}\n`);
  const base = Object.keys(MEASURES).map((measured) => spread(rounds.map(({ none }) => none[measured])));
  const rows = others.map((variant) => [
    VARIANTS[variant].label,
    ...Object.keys(MEASURES).map((measured) => `+${spread(added(variant, measured))}`),
    isOurs ? `${(median(added(variant, 'cpu')) / median(added('ours', 'cpu'))).toFixed(1)} ×` : '',
    `${(100 * median(rounds.map((round) => round[variant].delivered))).toFixed(0)} %`,
  ]);
  console.log(
    table(
      ['µs a call', ...Object.values(MEASURES), 'processor time against ours', 'calls that arrived with tokens'],
      [[VARIANTS.none.label, ...base, '', ''], ...rows],
    ),
  );
}

console.log(`Median of ${options.rounds} rounds (smallest to largest), Node ${process.versions.node}.`);
for (const name of options.case) {
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round++) rounds.push(await measureRound(name, round));
  report(name, rounds);
}

provider.child.kill();
sink.child.kill();
rmSync(spool, { recursive: true, force: true });
