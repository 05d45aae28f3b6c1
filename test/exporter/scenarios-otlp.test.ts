import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../../src/gateway/server.ts';
import { RecordingDelivery } from '../support/recording-delivery.ts';
import { outcomeOf, playScenario, SCENARIOS } from '../support/scenarios.ts';

type Exporter = JsonExporter | ProtobufExporter;

function sent(exporter: Exporter, spans: ReadableSpan[]): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(spans, ({ error, code }) => (code === 0 ? resolve() : reject(error ?? new Error('not taken'))));
  });
}

/** Places in a list of spans, each one or more times, in some order. */
function anyOrder(length: number): fc.Arbitrary<number[]> {
  const all = Array.from({ length }, (_, index) => index);
  const again = fc.subarray(all);
  return again.chain((some) => fc.shuffledSubarray(all.concat(some), { minLength: length + some.length }));
}

test.each(SCENARIOS)('$title: whatever order its spans arrive in, it comes to the bill', async (scenario) => {
  const delivery = new RecordingDelivery();
  const gateway = await startGateway({ port: 0, projects: { default: { delivery } } });
  onTestFinished(() => gateway.close());
  const url = `${gateway.url}/v1/traces`;
  const exporters = [new JsonExporter({ url }), new ProtobufExporter({ url })];
  onTestFinished(async () => void (await Promise.all(exporters.map((exporter) => exporter.shutdown()))));

  await fc.assert(
    fc.asyncProperty(
      anyOrder(scenario.spans.length),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(...exporters),
      async (order, batchSize, exporter) => {
        const memory = new InMemorySpanExporter();
        const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] });
        const ids = playScenario(scenario, provider);
        await provider.forceFlush();
        const spans = memory.getFinishedSpans();
        const arriving = order.flatMap((index) => spans[index] ?? []);
        for (let at = 0; at < arriving.length; at += batchSize)
          await sent(exporter, arriving.slice(at, at + batchSize));
        expect(outcomeOf(delivery.spans, ids)).toEqual(scenario.expected);
      },
    ),
    { numRuns: 20 },
  );
});
