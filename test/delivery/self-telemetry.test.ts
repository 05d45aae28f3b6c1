import { metrics } from '@opentelemetry/api';
import { metrics as sdk } from '@opentelemetry/sdk-node';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.ts';
import type { DeliveryCounters } from '../../src/delivery/delivery.ts';
import { SelfTelemetry } from '../../src/delivery/self-telemetry.ts';
import { destinationName } from '../../src/delivery/spool-layout.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const COUNTERS: DeliveryCounters = {
  accepted: 10,
  delivered: 4,
  spooled: 3,
  deadLettered: 1,
  dropped: 2,
  droppedByReason: { 'disk-cap': 1, age: 1 },
};

async function collect(reader: sdk.MetricReader): Promise<Record<string, [unknown, unknown][]>> {
  const { resourceMetrics } = await reader.collect();
  return Object.fromEntries(
    resourceMetrics.scopeMetrics
      .flatMap((scope) => scope.metrics)
      .map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ value, attributes }) => [value, attributes] as [unknown, unknown]),
      ]),
  );
}

/** A reader that collects when it is asked to. */
function startReader(): sdk.MetricReader {
  const reader = new sdk.PeriodicExportingMetricReader({
    exporter: new sdk.InMemoryMetricExporter(sdk.AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 1e8,
  });
  metrics.setGlobalMeterProvider(new sdk.MeterProvider({ readers: [reader] }));
  return reader;
}

/** A delivery with keys of its own; returns how it names its destination. */
function create(publicKey: string, shows?: { metrics: true }): string {
  const spool = { directory: temporaryDirectory(), durability: 'memory', maxBytes: 1e6, maxAgeMs: 1e6 } as const;
  const destination = { baseUrl: 'http://127.0.0.1:9', publicKey, secretKey: 'sk-lf-1' };
  const delivery = createDelivery({ destination, spool, ...shows });
  onTestFinished(async () => void (await delivery.shutdown(0)));
  return destinationName(destination);
}

describe('self-telemetry', () => {
  afterEach(() => metrics.disable());

  test('a delivery shows its counters where that is wanted, and only there', async () => {
    const reader = startReader();
    // It looks for a meter provider before the other does.
    create('pk-lf-silent');
    const destination = create('pk-lf-shown', { metrics: true });
    const accepted = async (): Promise<unknown> => (await collect(reader))['otel_langfuse.spans.accepted'];
    await vi.waitFor(async () => expect(await accepted()).toEqual([[0, { destination }]]), 5_000);
  });

  test('shows the counters once there is a meter provider, until it stops', async () => {
    let { accepted } = COUNTERS;
    const telemetry = new SelfTelemetry('cloud-0123', () => ({ ...COUNTERS, accepted }));
    telemetry.look();
    const reader = startReader();
    telemetry.look();
    telemetry.look();
    const destination = 'cloud-0123';
    expect(await collect(reader)).toEqual({
      'otel_langfuse.spans.accepted': [[10, { destination }]],
      'otel_langfuse.spans.delivered': [[4, { destination }]],
      'otel_langfuse.spans.spooled': [[3, { destination }]],
      'otel_langfuse.spans.dead_lettered': [[1, { destination }]],
      'otel_langfuse.spans.dropped': [
        [1, { destination, reason: 'disk-cap' }],
        [1, { destination, reason: 'age' }],
      ],
    });
    telemetry.stop();
    accepted = 11;
    expect((await collect(reader))['otel_langfuse.spans.accepted']).toEqual([[10, { destination }]]);
  });

  test('an API without metrics costs nothing', () => {
    const telemetry = new SelfTelemetry('cloud-0123', () => {
      throw new Error('never asked');
    });
    telemetry.look();
    telemetry.stop();
  });
});
