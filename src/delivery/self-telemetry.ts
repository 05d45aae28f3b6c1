import { type BatchObservableCallback, createNoopMeter, type Meter, metrics } from '@opentelemetry/api';
import { guard } from '../util/guard.ts';
import type { DeliveryCounters } from './delivery.ts';

/** Which counter each instrument shows. What is spooled goes down again. */
const INSTRUMENTS = {
  'otel_langfuse.spans.accepted': 'accepted',
  'otel_langfuse.spans.delivered': 'delivered',
  'otel_langfuse.spans.spooled': 'spooled',
  'otel_langfuse.spans.dead_lettered': 'deadLettered',
} as const satisfies Record<string, keyof DeliveryCounters>;
const DROPPED = 'otel_langfuse.spans.dropped';

/** Shows the counters of a delivery as OpenTelemetry metrics of the app, once it has a meter provider. */
export class SelfTelemetry {
  readonly #attributes: { destination: string };
  readonly #counters: () => DeliveryCounters;
  #stop: (() => void) | undefined;

  constructor(destination: string, counters: () => DeliveryCounters) {
    this.#attributes = { destination };
    this.#counters = counters;
  }

  /** Call it now and then: unlike tracers, meters from before the provider stay without effect. */
  look(): void {
    if (this.#stop) return;
    guard('metrics', () => {
      const meter = metrics.getMeter('otel-langfuse');
      if (meter !== createNoopMeter()) this.#stop = this.#observe(meter);
    });
  }

  stop(): void {
    guard('metrics', () => this.#stop?.());
  }

  #observe(meter: Meter): () => void {
    const unit = { unit: '{span}' };
    const shown = Object.entries(INSTRUMENTS).map(([name, counter]) => ({
      counter,
      instrument:
        counter === 'spooled'
          ? meter.createObservableUpDownCounter(name, unit)
          : meter.createObservableCounter(name, unit),
    }));
    const dropped = meter.createObservableCounter(DROPPED, unit);
    const callback: BatchObservableCallback = (result) => {
      const counters = this.#counters();
      for (const { instrument, counter } of shown) result.observe(instrument, counters[counter], this.#attributes);
      for (const [reason, count] of Object.entries(counters.droppedByReason)) {
        result.observe(dropped, count, { ...this.#attributes, reason });
      }
    };
    const observables = [...shown.map(({ instrument }) => instrument), dropped];
    meter.addBatchObservableCallback(callback, observables);
    return () => meter.removeBatchObservableCallback(callback, observables);
  }
}
