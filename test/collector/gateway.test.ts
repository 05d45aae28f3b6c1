import { SpanKind } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import type { ReceivedSpan } from '../../src/gateway/received-span.ts';
import { App, call } from './app.ts';
import { Collector, freePorts, otelcol } from './collector.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const TRACES = 200;
const SOON = { timeout: 30_000, interval: 20 };

/** Two nodes that know each other. */
async function startNodes(gatewayUrls: readonly string[]): Promise<Collector[]> {
  const nodes = await Promise.all(
    gatewayUrls.map((url) => Collector.create('gateway.yaml', { GATEWAY_ENDPOINT: url })),
  );
  const peers = JSON.stringify(nodes.map(({ peerAddress }) => peerAddress));
  for (const node of nodes) await node.start({ GATEWAY_PEERS: peers });
  return nodes;
}

/** The spans of each trace come by both nodes, children first. */
async function sendTraces(nodes: readonly Collector[]): Promise<string[]> {
  const apps = nodes.map(({ url }) => new App(url));
  const [front, back] = apps;
  const traceIds = Array.from({ length: TRACES }, () => {
    const root = front?.start({ name: 'agent', kind: SpanKind.SERVER, attributes: call() });
    if (root) back?.span({ name: 'chat', kind: SpanKind.CLIENT, attributes: call(), below: root });
    root?.end();
    return root?.spanContext().traceId ?? '';
  });
  await back?.flush();
  await front?.flush();
  return traceIds;
}

function traceIdsOf({ spans }: Receiver, named: string): Set<string> {
  return new Set(spans.filter(({ name }) => name === named).map((span: ReceivedSpan) => span.spanContext().traceId));
}

function spanIdsOf(gateways: readonly Receiver[]): Set<string> {
  return new Set(gateways.flatMap(({ spans }) => spans.map((span) => span.spanContext().spanId)));
}

describe.skipIf(!otelcol)('gateway.yaml', () => {
  test('the spans of a trace meet in one gateway, by whichever node they come', async () => {
    const gateways = await Promise.all([startReceiver(), startReceiver()]);
    const traceIds = await sendTraces(await startNodes(gateways.map(({ url }) => url)));
    // Some more than once: as long as one node is not there, whole batches are sent again.
    await vi.waitFor(() => expect(spanIdsOf(gateways).size).toBe(2 * TRACES), SOON);
    const shares = gateways.map((gateway) => {
      const agents = traceIdsOf(gateway, 'agent');
      expect(traceIdsOf(gateway, 'chat')).toEqual(agents);
      return agents;
    });
    expect(new Set(shares.flatMap((share) => [...share]))).toEqual(new Set(traceIds));
    // The exporter's hash is within some percent of even for many traces.
    for (const share of shares) expect(share.size).toBeGreaterThan(TRACES / 4);
  });

  test('while a gateway is down its share waits, and survives its node; the other gets its own', async () => {
    const upper = await startReceiver();
    const [port = 0] = await freePorts(1);
    const nodes = await startNodes([upper.url, `http://127.0.0.1:${port}`]);
    const traceIds = await sendTraces(nodes);
    await vi.waitFor(() => expect(traceIdsOf(upper, 'agent').size).toBeGreaterThan(TRACES / 4), SOON);
    for (const node of nodes) await node.kill();
    const lower = await startReceiver(port);
    for (const node of nodes) await node.start();
    await vi.waitFor(() => {
      for (const name of ['agent', 'chat']) {
        // Each is at one of the two, and at one only.
        const shares = [upper, lower].flatMap((gateway) => [...traceIdsOf(gateway, name)]);
        expect(shares.toSorted()).toEqual(traceIds.toSorted());
      }
    }, SOON);
  });
});
