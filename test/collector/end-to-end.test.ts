import { SpanKind } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { App, call } from './app.ts';
import { Collector, otelcol } from './collector.ts';
import { GatewayProcess } from './gateway-process.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const SOON = { timeout: 120_000, interval: 100 };
const ROUNDS = 20;
const TRACES_A_ROUND = 500;
/** Of one trace: request, agent, step, and two calls. */
const SPANS_A_TRACE = 5;

/** Tokens that the calls of a trace report, other ones in each trace. */
function callsOf(index: number): [input: number, output: number][] {
  return [
    [1000 + (index % 97), 100 + (index % 13)],
    [2000 + (index % 89), 10 + (index % 11)],
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * Traces of two services, and what each is to come to. The front has the request and an agent, which repeats the tokens
 * of both calls on its own span; the back has the calls, below a step of its own.
 */
function playRound(round: number, front: App, back: App): [traceId: string, tokens: number][] {
  return Array.from({ length: TRACES_A_ROUND }, (_, index) => {
    const calls = callsOf(round * TRACES_A_ROUND + index);
    const request = front.start({ name: 'request', kind: SpanKind.SERVER });
    const rollUp = call(sum(calls.map(([input]) => input)), sum(calls.map(([, output]) => output)));
    const agent = front.start({ name: 'agent', attributes: rollUp, below: request });
    const step = back.start({ name: 'step', below: agent });
    for (const counts of calls) {
      back.span({ name: 'chat', kind: SpanKind.CLIENT, attributes: call(...counts), below: step });
    }
    for (const span of [step, agent, request]) span.end();
    return [request.spanContext().traceId, sum(calls.flat())];
  });
}

/** As Langfuse has it: a span that comes again replaces the former. */
function arrivedAt({ spans }: Receiver): { spans: number; tokens: Map<string, number> } {
  const last = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const tokens = new Map<string, number>();
  for (const span of last.values()) {
    const { traceId } = span.spanContext();
    const details = String(span.attributes['langfuse.observation.usage_details'] ?? '{}');
    const { total = 0 } = JSON.parse(details) as { total?: number };
    tokens.set(traceId, (tokens.get(traceId) ?? 0) + total);
  }
  return { spans: last.size, tokens };
}

async function receivedBy(gateways: readonly GatewayProcess[]): Promise<number> {
  return sum(await Promise.all(gateways.map((gateway) => gateway.metric('spans_received_total'))));
}

describe.skipIf(!otelcol)('two nodes, each a Collector with gateway.yaml and a gateway', () => {
  test('10,000 traces come to their tokens, through an outage of Langfuse and a gateway that is killed in it', async () => {
    const langfuse = await startReceiver();
    const killed = await GatewayProcess.start(langfuse.url);
    const gateways = [killed, await GatewayProcess.start(langfuse.url)];
    const nodes = await Promise.all(
      gateways.map(({ url }) => Collector.create('gateway.yaml', { GATEWAY_ENDPOINT: url })),
    );
    const GATEWAY_PEERS = JSON.stringify(nodes.map(({ peerAddress }) => peerAddress));
    for (const node of nodes) await node.start({ GATEWAY_PEERS });
    const [front, back] = nodes.map(({ url }) => new App(url)) as [App, App];
    const events: Record<number, () => Promise<void>> = {
      5: async () => void (langfuse.status = 503),
      // When it has agents whose calls are still to come, and Langfuse does not have them.
      11: async () => {
        const sent = 11 * TRACES_A_ROUND * SPANS_A_TRACE + 2 * TRACES_A_ROUND;
        await vi.waitFor(async () => expect(await receivedBy(gateways)).toBeGreaterThanOrEqual(sent), SOON);
        await killed.kill();
      },
      14: () => killed.start(),
      16: async () => void (langfuse.status = 200),
    };

    const expected = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [traceId, tokens] of playRound(round, front, back)) expected.set(traceId, tokens);
      // Whose spans come first changes; an event comes between the two.
      const [first, second] = round % 2 ? [front, back] : [back, front];
      await first.flush();
      await events[round]?.();
      await second.flush();
    }
    await vi.waitFor(async () => {
      expect(arrivedAt(langfuse).spans).toBe(ROUNDS * TRACES_A_ROUND * SPANS_A_TRACE);
      for (const gateway of gateways) expect(await gateway.metric('records_spooled')).toBe(0);
    }, SOON);
    const { tokens } = arrivedAt(langfuse);
    expect([...expected].filter(([traceId, total]) => tokens.get(traceId) !== total)).toEqual([]);
    expect(tokens.size).toBe(ROUNDS * TRACES_A_ROUND);
  }, 300_000);
});
