import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { SpanKind } from '@opentelemetry/api';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { App, call } from './app.ts';
import { Collector, freePorts, otelcol } from './collector.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const TRACES = 200;
const SOON = { timeout: 45_000, interval: 20 };

/** A broker of the real protocol, in memory; resolves to its address. */
async function startBroker(): Promise<string> {
  const program = path.join(temporaryDirectory(), 'kafka-broker');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: path.join(import.meta.dirname, 'kafka-broker') });
  const broker = spawn(program, ['8', 'otlp_spans', 'otlp_logs'], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void broker.stdin.end());
  const [address] = (await once(broker.stdout.setEncoding('utf8'), 'data')) as [string];
  return address.trim();
}

function traceIdsOf({ spans }: Receiver, named: string): Set<string> {
  return new Set(spans.filter(({ name }) => name === named).map((span) => span.spanContext().traceId));
}

describe.skipIf(!otelcol || !inject('go'))('kafka.yaml', () => {
  test('spans wait in Kafka for their gateway, and those of a trace for the same one', async () => {
    const broker = await startBroker();
    const ports = await freePorts(2);
    const nodes = await Promise.all(
      ports.map((port, index) =>
        Collector.create('kafka.yaml', {
          KAFKA_BROKERS: JSON.stringify([broker]),
          KAFKA_MEMBER: `node-${index}`,
          GATEWAY_ENDPOINT: `http://127.0.0.1:${port}`,
        }),
      ),
    );
    for (const node of nodes) await node.start();
    const [front, back] = nodes.map(({ url }) => new App(url));
    const traceIds = Array.from({ length: TRACES }, () => {
      const root = front?.start({ name: 'agent', kind: SpanKind.SERVER, attributes: call() });
      if (root) back?.span({ name: 'chat', kind: SpanKind.CLIENT, attributes: call(), below: root });
      root?.end();
      return root?.spanContext().traceId ?? '';
    });
    await back?.flush();
    await front?.flush();
    // No gateway has answered yet: the Collectors hold nothing, and may die.
    for (const node of nodes) await node.kill();
    const gateways = await Promise.all(ports.map(startReceiver));
    for (const node of nodes) await node.start();
    const all = new Set(traceIds);
    await vi.waitFor(() => {
      for (const name of ['agent', 'chat']) {
        expect(new Set(gateways.flatMap((gateway) => [...traceIdsOf(gateway, name)]))).toEqual(all);
      }
    }, SOON);
    for (const gateway of gateways) expect(traceIdsOf(gateway, 'chat')).toEqual(traceIdsOf(gateway, 'agent'));
  });
});
