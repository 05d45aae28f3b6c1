import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { App, call } from './app.ts';
import { Collector, otelcol } from './collector.ts';
import { startReceiver } from './receiver.ts';

/** By name of the trace: attributes of its call, and whether it is worth keeping at $3 and $15 a million tokens. */
const TRACES: Record<string, { attributes: Attributes; fails?: boolean; kept: boolean }> = {
  cheap: { attributes: call(1000, 100), kept: false },
  'expensive by its tokens': { attributes: call(40_000, 100), kept: true },
  'expensive by its answer': { attributes: call(1000, 7000), kept: true },
  'expensive in the words of OpenInference': {
    attributes: { 'openinference.span.kind': 'LLM', 'llm.token_count.prompt': 40_000, 'llm.token_count.completion': 1 },
    kept: true,
  },
  'expensive as the provider says': { attributes: { ...call(10, 10), 'gen_ai.usage.cost': 0.2 }, kept: true },
  'cheap as the provider says': { attributes: { ...call(40_000, 100), 'gen_ai.usage.cost': 0.01 }, kept: false },
  'failed, and no LLM span': { attributes: {}, fails: true, kept: true },
  'uneventful, and no LLM span': { attributes: {}, kept: false },
};

/** Names of both spans of these traces. */
function both(names: readonly string[]): Set<string> {
  return new Set(names.flatMap((name) => [name, `call of ${name}`]));
}

describe.skipIf(!otelcol)('tail-sampling.yaml', () => {
  test('the vendor gets whole traces that failed or were expensive, the gateway all', async () => {
    const [vendor, gateway] = await Promise.all([startReceiver(), startReceiver()]);
    const collector = await Collector.create('tail-sampling.yaml', {
      VENDOR_OTLP_ENDPOINT: vendor.url,
      GATEWAY_ENDPOINT: gateway.url,
      DECISION_WAIT: '500ms',
      SAMPLING_PERCENTAGE: '0',
    });
    await collector.start();
    const app = new App(collector.url);
    for (const [name, { attributes, fails }] of Object.entries(TRACES)) {
      const root = app.start({ name, kind: SpanKind.SERVER });
      const below = app.start({ name: `call of ${name}`, attributes, below: root });
      if (fails) below.setStatus({ code: SpanStatusCode.ERROR });
      below.end();
      root.end();
    }
    await app.flush();
    const kept = Object.keys(TRACES).filter((name) => TRACES[name]?.kept);
    await vi.waitFor(
      () => {
        expect(new Set(gateway.spans.map(({ name }) => name))).toEqual(both(Object.keys(TRACES)));
        expect(vendor.spans.length).toBeGreaterThanOrEqual(2 * kept.length);
      },
      { timeout: 10_000 },
    );
    expect(new Set(vendor.spans.map(({ name }) => name))).toEqual(both(kept));
  });
});
