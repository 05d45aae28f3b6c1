import type { Intake } from './intake.ts';
import type { PassOn, PassOnCounters } from './pass-on.ts';
import type { ProjectCounters } from './project.ts';
import type { BytesInFlight } from '../server/bytes-in-flight.ts';

type Labels = Readonly<Record<string, string | number>>;
interface Sample {
  labels?: Labels;
  value: number;
}

/** What the gateway counts of itself, beside what its parts count. */
export class RequestCounter {
  readonly #counts = new Map<string, { labels: Labels; value: number }>();

  /** `path` is one of ours: a client must not make up new series. */
  add(labels: { path: string; status: number }): void {
    const key = `${labels.path} ${labels.status}`;
    const known = this.#counts.get(key);
    if (known) known.value++;
    else this.#counts.set(key, { labels, value: 1 });
  }

  samples(): Sample[] {
    return [...this.#counts.values()];
  }
}

export interface MetricSources {
  requests: RequestCounter;
  intake: Intake;
  inFlight: BytesInFlight;
  passOn: readonly PassOn[];
}

interface Metric {
  name: string;
  type: 'counter' | 'gauge';
  help: string;
  read(sources: MetricSources): Sample[];
}

const METRICS: readonly Metric[] = [
  {
    name: 'requests_total',
    type: 'counter',
    help: 'Requests answered, by path and status.',
    read: ({ requests }) => requests.samples(),
  },
  {
    name: 'bytes_in_flight',
    type: 'gauge',
    help: 'Bytes of bodies that are being received or stored.',
    read: ({ inFlight }) => [{ value: inFlight.held }],
  },
  {
    name: 'spans_rejected_total',
    type: 'counter',
    help: 'Spans without valid ids, which no trace has a place for.',
    read: ({ intake }) => [{ value: intake.rejected }],
  },
  {
    name: 'spans_received_total',
    type: 'counter',
    help: 'Spans taken, by project; one that is sent again counts again.',
    read: perProject(({ received }) => received),
  },
  {
    name: 'spans_selected_total',
    type: 'counter',
    help: 'Spans that go to Langfuse: LLM spans and what leads to them.',
    read: perProject(({ selected }) => selected),
  },
  {
    name: 'spans_refused_total',
    type: 'counter',
    help: 'Selected spans that could not be read or written, by reason: none becomes a record.',
    read: ({ intake }) =>
      intake.projects.flatMap(([project, { counting }]) =>
        Object.entries(counting.refused).map(([reason, value]) => ({ labels: { project, reason }, value })),
      ),
  },
  {
    name: 'corrections_total',
    type: 'counter',
    help: 'Spans sent again with less usage of their own, because a span below them came later.',
    read: perProject(({ counting }) => counting.corrections),
  },
  {
    name: 'corrections_missed_total',
    type: 'counter',
    help: 'Such spans that were not kept any more: the sum is right, the later span has less. More retention helps.',
    read: perProject(({ counting }) => counting.missedCorrections),
  },
  {
    name: 'traces',
    type: 'gauge',
    help: 'Traces whose counting is remembered.',
    read: perProject(({ counting }) => counting.traces),
  },
  {
    name: 'traces_evicted_total',
    type: 'counter',
    help: 'Traces forgotten by age or number; a later span of theirs counts in full.',
    read: perProject(({ counting }) => counting.evictedTraces),
  },
  {
    name: 'records_accepted_total',
    type: 'counter',
    help: 'Records accepted for delivery: accepted = delivered + spooled + dead-lettered + dropped.',
    read: perProject(({ delivery }) => delivery.accepted),
  },
  {
    name: 'records_delivered_total',
    type: 'counter',
    help: 'Records that Langfuse has taken.',
    read: perProject(({ delivery }) => delivery.delivered),
  },
  {
    name: 'records_spooled',
    type: 'gauge',
    help: 'Records that wait for Langfuse.',
    read: perProject(({ delivery }) => delivery.spooled),
  },
  {
    name: 'records_dead_lettered_total',
    type: 'counter',
    help: 'Records that Langfuse refuses.',
    read: perProject(({ delivery }) => delivery.deadLettered),
  },
  {
    name: 'records_dropped_total',
    type: 'counter',
    help: 'Records lost, by reason.',
    read: ({ intake }) =>
      intake.projects.flatMap(([project, { delivery }]) =>
        Object.entries(delivery.droppedByReason).map(([reason, value]) => ({ labels: { project, reason }, value })),
      ),
  },
  {
    name: 'passed_on_total',
    type: 'counter',
    help: 'Requests passed on untouched, by target.',
    read: perTarget(({ passed }) => passed),
  },
  {
    name: 'pass_on_dropped_total',
    type: 'counter',
    help: 'Requests that a target did not take in time.',
    read: perTarget(({ dropped }) => dropped),
  },
  {
    name: 'pass_on_waiting_bytes',
    type: 'gauge',
    help: 'Bytes that wait to be passed on.',
    read: perTarget(({ waitingBytes }) => waitingBytes),
  },
];

function perProject(value: (counters: ProjectCounters) => number): Metric['read'] {
  return ({ intake }) =>
    intake.projects.map(([project, counters]) => ({ labels: { project }, value: value(counters) }));
}

function perTarget(value: (counters: PassOnCounters) => number): Metric['read'] {
  return ({ passOn }) => passOn.map((target) => ({ labels: { target: target.host }, value: value(target.counters()) }));
}

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Everything there is to measure, as Prometheus reads it. */
export function metricsText(sources: MetricSources): string {
  return METRICS.map(({ name, type, help, read }) => {
    const full = `otel_langfuse_gateway_${name}`;
    const samples = read(sources).map(({ labels = {}, value }) => `${full}${labelText(labels)} ${value}\n`);
    return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${samples.join('')}`;
  }).join('');
}

function labelText(labels: Labels): string {
  // A JSON text escapes what the format does: backslash, quote and line feed.
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}
