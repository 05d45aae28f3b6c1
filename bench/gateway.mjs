// What the gateway takes on: one beside an OpenTelemetry Collector that only passes spans on, and several behind a
// load-balancing exporter. Explained in docs/scaling.md.
//
//   node bench/gateway.mjs [--rounds 3] [--traces 10000]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Run } from './gateway-run.mjs';
import { median, spread, table } from './statistics.mjs';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, traces: { type: 'string', default: '10000' } },
});

const FIRST_PORT = 24_318;

function here(file) {
  return path.join(import.meta.dirname, file);
}

/** Ports of the node of this number. */
function portsOf(node) {
  const [otlp, peers, health, gateway] = [0, 1, 2, 3].map((offset) => FIRST_PORT + 10 * node + offset);
  return { otlp, peers, health, gateway };
}

function startGateway(port, folder, sink) {
  return spawn(process.execPath, [here('../dist/cli/main.js'), 'gateway', '--port', String(port)], {
    env: {
      LANGFUSE_BASE_URL: sink,
      LANGFUSE_PUBLIC_KEY: 'pk-lf-bench',
      LANGFUSE_SECRET_KEY: 'sk-lf-bench',
      OTEL_LANGFUSE_SPOOL_DIR: folder,
    },
    stdio: 'ignore',
  });
}

function startCollector(files, { otlp, peers, health }, environment) {
  return spawn(
    otelcol,
    files.flatMap((file) => ['--config', here(file)]),
    {
      env: {
        OTLP_GRPC_ENDPOINT: '127.0.0.1:0',
        OTLP_HTTP_ENDPOINT: `127.0.0.1:${otlp}`,
        OTLP_PEERS_ENDPOINT: `127.0.0.1:${peers}`,
        HEALTH_ENDPOINT: `127.0.0.1:${health}`,
        ...environment,
      },
      stdio: 'ignore',
    },
  );
}

/** A Collector that passes on what it gets, and does not answer before it is on disk if there is a configuration for it. */
function passingOn(...files) {
  return (folder, sink) => {
    const ports = portsOf(0);
    const collector = startCollector(['otelcol.yaml', ...files], ports, {
      SINK_ENDPOINT: sink,
      QUEUE_DIRECTORY: folder,
    });
    return {
      urls: [`http://127.0.0.1:${ports.otlp}`],
      ready: [`http://127.0.0.1:${ports.health}`],
      processes: { collectors: [collector] },
    };
  };
}

/** collector-config/agent.yaml. Of these traces, everything goes to both. */
function agent(folder, sink) {
  const ports = portsOf(0);
  const environment = { VENDOR_OTLP_ENDPOINT: sink, GATEWAY_ENDPOINT: sink, QUEUE_DIRECTORY: folder };
  return {
    urls: [`http://127.0.0.1:${ports.otlp}`],
    ready: [`http://127.0.0.1:${ports.health}`],
    processes: {
      collectors: [startCollector(['../collector-config/agent.yaml', 'otelcol-quiet.yaml'], ports, environment)],
    },
    copies: 2,
  };
}

/** So many nodes of collector-config/gateway.yaml. */
function nodes(count) {
  return (folder, sink) => {
    const all = Array.from({ length: count }, (_, node) => portsOf(node));
    const peers = JSON.stringify(all.map((ports) => `127.0.0.1:${ports.peers}`));
    return {
      urls: all.map(({ otlp }) => `http://127.0.0.1:${otlp}`),
      ready: all.flatMap(({ health, gateway }) => [`http://127.0.0.1:${health}`, `http://127.0.0.1:${gateway}/readyz`]),
      processes: {
        gateways: all.map(({ gateway }) => startGateway(gateway, path.join(folder, String(gateway)), sink)),
        collectors: all.map((ports) =>
          startCollector(['../collector-config/gateway.yaml', 'otelcol-quiet.yaml'], ports, {
            GATEWAY_PEERS: peers,
            GATEWAY_ENDPOINT: `http://127.0.0.1:${ports.gateway}`,
            QUEUE_DIRECTORY: path.join(folder, String(ports.otlp)),
          }),
        ),
      },
    };
  };
}

/** What is measured: by label, how it is started in a folder of its own, with where it is to deliver to. */
const ALONE = {
  'otel-langfuse gateway': (folder, sink) => {
    const { gateway } = portsOf(0);
    const url = `http://127.0.0.1:${gateway}`;
    return { urls: [url], ready: [`${url}/readyz`], processes: { gateways: [startGateway(gateway, folder, sink)] } };
  },
  'otelcol, its queue on disk': passingOn('otelcol-disk.yaml'),
  'otelcol, its queue in memory': passingOn(),
  'agent.yaml, to vendor and gateway': agent,
};
const TOGETHER = { '1 node': nodes(1), '2 nodes': nodes(2), '4 nodes': nodes(4) };

async function measure(start) {
  const folder = mkdtempSync(path.join(tmpdir(), 'otel-langfuse-bench-'));
  const target = start(folder, run.sinkUrl);
  const result = await run.measure(target);
  for (const child of Object.values(target.processes).flat()) {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
  rmSync(folder, { recursive: true, force: true });
  return result;
}

/** Each once a round, in an order that moves on: what the machine does meanwhile falls on all alike. */
async function measureAll(variants) {
  const labels = Object.keys(variants);
  const results = Object.fromEntries(labels.map((label) => [label, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (let index = 0; index < labels.length; index++) {
      const label = labels[(index + round) % labels.length];
      results[label].push(await measure(variants[label]));
    }
  }
  return results;
}

function report(results, columns) {
  const rows = Object.entries(results).map(([label, rounds]) => [
    label,
    ...Object.values(columns).map((read) =>
      rounds.every((round) => read(round) === undefined) ? '' : spread(rounds.map(read)),
    ),
  ]);
  console.log(`${table(['', ...Object.keys(columns)], rows)}\n`);
}

const RATES = {
  'spans/s taken': ({ taken }) => taken,
  'spans/s delivered': ({ delivered }) => delivered,
};

const otelcol = execFileSync(process.execPath, [here('../scripts/build-collector.mjs')], { encoding: 'utf8' }).trim();
const run = await Run.start(options.traces);
console.log(
  `Median of ${options.rounds} rounds (smallest to largest), Node ${process.versions.node}, spans of ${run.bytesASpan} bytes.\n`,
);
const alone = await measureAll(ALONE);
report(alone, {
  ...RATES,
  'µs of processor a span': ({ processor }) => processor.gateways ?? processor.collectors,
  'peak memory, MB': ({ memory }) => memory,
});
report(await measureAll(TOGETHER), {
  ...RATES,
  'µs a span, gateways': ({ processor }) => processor.gateways,
  'µs a span, Collectors': ({ processor }) => processor.collectors,
});
const [ours, theirs] = Object.values(alone).map((rounds) =>
  median(rounds.map(({ processor }) => processor.gateways ?? processor.collectors)),
);
console.log(
  `A span costs the gateway ${(ours / theirs).toFixed(1)} times what it costs the Collector with its queue on disk.`,
);
run.end();
