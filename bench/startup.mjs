// What instrumentation adds to a process that makes no call: time to start, and memory at rest. See docs/performance.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { installPeers } from './install-peers.mjs';
import { median, spread, table } from './statistics.mjs';
import { preloadOf, VARIANTS } from './variants.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    variant: { type: 'string', multiple: true, default: Object.keys(VARIANTS) },
  },
});
const others = options.variant.filter((name) => name !== 'none');

/** Rests until what starts with the process is done; then says its resident memory. */
const APP = 'setTimeout(() => console.log(process.memoryUsage.rss()), 500)';

const spool = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-bench-'));

/** Nothing is sent, so nobody needs to listen. */
const ENVIRONMENT = {
  ...process.env,
  BENCH_SINK: 'http://127.0.0.1:9',
  LANGFUSE_BASE_URL: 'http://127.0.0.1:9',
  LANGFUSE_PUBLIC_KEY: 'pk-lf-bench',
  LANGFUSE_SECRET_KEY: 'sk-lf-bench',
  OTEL_LANGFUSE_SPOOL_DIR: spool,
};

function run(variant, script) {
  const startedAt = performance.now();
  const output = execFileSync(process.execPath, [...preloadOf(VARIANTS[variant]), '--eval', script], {
    env: ENVIRONMENT,
    encoding: 'utf8',
  });
  return { milliseconds: performance.now() - startedAt, output };
}

function measure(variant) {
  return {
    start: run(variant, '0').milliseconds,
    memory: Number(run(variant, APP).output) / 1024 / 1024,
  };
}

installPeers();
const rounds = [];
for (let round = 0; round < Number(options.rounds); round++) {
  rounds.push(Object.fromEntries(['none', ...others].map((variant) => [variant, measure(variant)])));
}
rmSync(spool, { recursive: true, force: true });

const added = (variant, measured) => rounds.map((round) => round[variant][measured] - round.none[measured]);
console.log(`Median of ${options.rounds} rounds (smallest to largest), Node ${process.versions.node}.\n`);
console.log(
  table(
    ['', 'start, ms', 'memory at rest, MB'],
    [
      [
        VARIANTS.none.label,
        ...['start', 'memory'].map((measured) => median(rounds.map(({ none }) => none[measured])).toFixed(0)),
      ],
      ...others.map((variant) => [
        VARIANTS[variant].label,
        ...['start', 'memory'].map((measured) => `+${spread(added(variant, measured))}`),
      ]),
    ],
  ),
);
