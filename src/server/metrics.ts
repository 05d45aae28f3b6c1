import type { BytesInFlight } from './bytes-in-flight.ts';

export type Labels = Readonly<Record<string, string | number>>;

interface Sample {
  labels?: Labels;
  value: number;
}

/** One thing that can be measured of what has it. */
export interface Metric<Sources> {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  read(sources: Sources): Sample[];
}

/** Counts what happens, by labels of which there are few: a client must not make up new series. */
export class EventCounter {
  readonly #counts = new Map<string, { labels: Labels; value: number }>();

  add(labels: Labels): void {
    const key = Object.values(labels).join(' ');
    const known = this.#counts.get(key);
    if (known) known.value++;
    else this.#counts.set(key, { labels, value: 1 });
  }

  samples(): Sample[] {
    return [...this.#counts.values()];
  }
}

/** What became of records: accepted = delivered + spooled + dead-lettered + dropped. */
interface RecordCounters {
  accepted: number;
  delivered: number;
  spooled: number;
  deadLettered: number;
  droppedByReason: Readonly<Record<string, number>>;
}

/** What every server of ours can say of itself. */
export interface ServerSources {
  requests: EventCounter;
  inFlight: BytesInFlight;
  /** Of each delivery, with the labels that tell it from the others. */
  records(): readonly (readonly [labels: Labels, counters: RecordCounters])[];
}

export const SERVER_METRICS: readonly Metric<ServerSources>[] = [
  {
    name: 'requests_total',
    type: 'counter',
    help: 'Requests answered, by where they go and status.',
    read: ({ requests }) => requests.samples(),
  },
  {
    name: 'bytes_in_flight',
    type: 'gauge',
    help: 'Bytes of bodies that are held in memory.',
    read: ({ inFlight }) => [{ value: inFlight.held }],
  },
  {
    name: 'records_accepted_total',
    type: 'counter',
    help: 'Records accepted for delivery: accepted = delivered + spooled + dead-lettered + dropped.',
    read: perDelivery(({ accepted }) => accepted),
  },
  {
    name: 'records_delivered_total',
    type: 'counter',
    help: 'Records that Langfuse has taken.',
    read: perDelivery(({ delivered }) => delivered),
  },
  {
    name: 'records_spooled',
    type: 'gauge',
    help: 'Records that wait for Langfuse.',
    read: perDelivery(({ spooled }) => spooled),
  },
  {
    name: 'records_dead_lettered_total',
    type: 'counter',
    help: 'Records that Langfuse refuses.',
    read: perDelivery(({ deadLettered }) => deadLettered),
  },
  {
    name: 'records_dropped_total',
    type: 'counter',
    help: 'Records lost, by reason.',
    read: ({ records }) =>
      records().flatMap(([labels, { droppedByReason }]) =>
        Object.entries(droppedByReason).map(([reason, value]) => ({ labels: { ...labels, reason }, value })),
      ),
  },
];

function perDelivery(value: (counters: RecordCounters) => number): Metric<ServerSources>['read'] {
  return ({ records }) => records().map(([labels, counters]) => ({ labels, value: value(counters) }));
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** All of them, as Prometheus reads it. @param prefix of their names */
export function metricsText<Sources>(prefix: string, metrics: readonly Metric<Sources>[], sources: Sources): string {
  return metrics
    .map(({ name, type, help, read }) => {
      const full = prefix + name;
      const samples = read(sources).map(({ labels = {}, value }) => `${full}${labelText(labels)} ${value}\n`);
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${samples.join('')}`;
    })
    .join('');
}

function labelText(labels: Labels): string {
  // A JSON text escapes what the format does: backslash, quote and line feed.
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}
