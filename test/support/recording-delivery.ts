import type { Delivery, DeliveryCounters, FlushResult } from '../../src/delivery/delivery.ts';

/** One exported span, its attributes as Langfuse sees them. */
export interface ExportedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Record<string, unknown>;
  status: { code: number; message?: string };
  scope: { name: string; version?: string };
  resource: Record<string, unknown>;
}

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

const NONE: DeliveryCounters = {
  accepted: 0,
  delivered: 0,
  spooled: 0,
  deadLettered: 0,
  dropped: 0,
  droppedByReason: {},
};

/** A delivery that keeps what it is given. */
export class RecordingDelivery implements Delivery {
  readonly records: string[] = [];
  flushes = 0;
  shutdowns = 0;

  accept(records: readonly string[]): void {
    this.records.push(...records);
  }

  appendNow(): void {}

  async forceFlush(): Promise<FlushResult> {
    this.flushes++;
    return { outcome: 'delivered', counters: NONE };
  }

  async shutdown(): Promise<FlushResult> {
    this.shutdowns++;
    return this.forceFlush();
  }

  counters(): DeliveryCounters {
    return NONE;
  }

  get spans(): ExportedSpan[] {
    return this.records.map(parseRecord);
  }

  span(name: string): ExportedSpan {
    const found = this.spans.find((span) => span.name === name);
    if (!found) throw new Error(`no span ${name} among ${this.spans.map((span) => span.name).join(', ')}`);
    return found;
  }
}

export function parseRecord(record: string): ExportedSpan {
  const { resource, scopeSpans } = JSON.parse(record) as {
    resource: { attributes: KeyValue[] };
    scopeSpans: {
      scope: ExportedSpan['scope'];
      spans: (Omit<ExportedSpan, 'attributes'> & { attributes: KeyValue[] })[];
    }[];
  };
  const { scope, spans } = scopeSpans[0] ?? { scope: { name: '' }, spans: [] };
  const [span] = spans;
  if (!span || spans.length !== 1) throw new Error('a record has one span');
  return { ...span, scope, attributes: plain(span.attributes), resource: plain(resource.attributes) };
}

function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: Record<string, unknown>): unknown {
  const { arrayValue } = value as { arrayValue?: { values: Record<string, unknown>[] } };
  return arrayValue ? arrayValue.values.map(plainValue) : Object.values(value)[0];
}

/** Usage and cost over all spans, as Langfuse sums them: a span that comes again replaces the former. */
export function totals(spans: readonly ExportedSpan[]): { tokens: number; usd: number } {
  let tokens = 0;
  let usd = 0;
  const last = new Map(spans.map((span) => [span.traceId + span.spanId, span]));
  for (const { attributes } of last.values()) {
    const usage = JSON.parse(String(attributes['langfuse.observation.usage_details'] ?? '{}')) as { total?: number };
    const cost = JSON.parse(String(attributes['langfuse.observation.cost_details'] ?? '{}')) as { total?: number };
    tokens += usage.total ?? 0;
    usd += cost.total ?? 0;
  }
  return { tokens, usd };
}
