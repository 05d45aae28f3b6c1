import { SpanKind } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { App, call } from './app.ts';
import { Collector, freePorts, otelcol } from './collector.ts';
import { type Receiver, startReceiver } from './receiver.ts';

/** Long enough for a Collector that waits up to 30 s between two attempts. */
const SOON = { timeout: 45_000, interval: 20 };

async function startAgent(
  environment: Record<string, string> = {},
): Promise<{ agent: Collector; vendor: Receiver; gateway: Receiver }> {
  const [vendor, gateway] = await Promise.all([startReceiver(), startReceiver()]);
  const agent = await Collector.create('agent.yaml', {
    VENDOR_OTLP_ENDPOINT: vendor.url,
    VENDOR_OTLP_HEADERS: '{"api-key": "of the vendor"}',
    GATEWAY_ENDPOINT: gateway.url,
    OTEL_LANGFUSE_GATEWAY_TOKEN: 'of the gateway',
    ...environment,
  });
  return { agent: await agent.start(), vendor, gateway };
}

async function post({ url }: Collector, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(200);
}

function names({ spans }: Receiver): string[] {
  return spans.map(({ name }) => name).toSorted();
}

describe.skipIf(!otelcol)('agent.yaml', () => {
  test('everything goes to the vendor, LLM spans and the way to them to the gateway', async () => {
    const { agent, vendor, gateway } = await startAgent();
    const app = new App(agent.url);
    const request = app.start({ name: 'POST /ask', kind: SpanKind.SERVER });
    const agentSpan = app.start({ name: 'agent', attributes: call(), below: request });
    const step = app.start({ name: 'step of the app', below: agentSpan });
    app.span({ name: 'chat', kind: SpanKind.CLIENT, attributes: call(), below: step });
    app.span({ name: 'SELECT', kind: SpanKind.CLIENT, attributes: { 'db.system.name': 'postgresql' }, below: step });
    app.span({ name: 'publish', kind: SpanKind.PRODUCER, attributes: { 'messaging.system': 'kafka' }, below: request });
    for (const span of [step, agentSpan, request]) span.end();
    await app.flush();
    const way = ['POST /ask', 'agent', 'chat', 'step of the app'];
    await vi.waitFor(() => {
      expect(names(vendor)).toEqual([...way, 'SELECT', 'publish'].toSorted());
      expect(names(gateway)).toEqual(way);
    }, SOON);
    expect(vendor.requests[0]?.headers).toMatchObject({ 'api-key': 'of the vendor' });
    expect(gateway.requests[0]?.headers).toMatchObject({ authorization: 'Bearer of the gateway' });
  });

  test('metrics and logs go to the vendor, what was said in calls to the gateway too', async () => {
    const { agent, vendor, gateway } = await startAgent();
    const logRecords = ['gen_ai.client.inference.operation.details', 'order.placed'].map((eventName) => ({
      eventName,
    }));
    await post(agent, '/v1/logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    const gauge = { dataPoints: [{ timeUnixNano: '1', asInt: '1' }] };
    const metrics = [{ name: 'gen_ai.client.token.usage', gauge }];
    await post(agent, '/v1/metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    await vi.waitFor(() => {
      expect(vendor.requests.map(({ path }) => path).toSorted()).toEqual(['/v1/logs', '/v1/metrics']);
      expect(gateway.requests.map(({ path }) => path)).toEqual(['/v1/logs']);
    }, SOON);
    expect(vendor.requests.some(({ body }) => body.includes('order.placed'))).toBe(true);
    expect(gateway.requests[0]?.body.includes('gen_ai.client.inference.operation.details')).toBe(true);
    expect(gateway.requests[0]?.body.includes('order.placed')).toBe(false);
  });

  test('services that are said to make no LLM calls are left out', async () => {
    const { agent, vendor, gateway } = await startAgent({ LLM_SERVICES: '^(assistant|search)$' });
    for (const service of ['assistant', 'search', 'checkout']) {
      const app = new App(agent.url, service);
      app.span({ name: `step of ${service}` });
      await app.flush();
    }
    await vi.waitFor(() => {
      expect(names(vendor)).toEqual(['step of assistant', 'step of checkout', 'step of search']);
      expect(names(gateway)).toEqual(['step of assistant', 'step of search']);
    }, SOON);
  });

  test('what the Collector has taken survives a gateway that is down and a Collector that is killed', async () => {
    const vendor = await startReceiver();
    const [port = 0] = await freePorts(1);
    const agent = await Collector.create('agent.yaml', {
      VENDOR_OTLP_ENDPOINT: vendor.url,
      GATEWAY_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    await agent.start();
    const app = new App(agent.url);
    const calls = Array.from({ length: 500 }, (_, index) => `call ${index}`);
    for (const name of calls) app.span({ name, attributes: call() });
    await app.flush();
    await agent.kill();
    await agent.start();
    // The vendor waits for nobody.
    await vi.waitFor(() => expect(new Set(names(vendor))).toEqual(new Set(calls)), SOON);
    await agent.kill();
    const gateway = await startReceiver(port);
    await agent.start();
    await vi.waitFor(() => expect(new Set(names(gateway))).toEqual(new Set(calls)), SOON);
  });
});
