import { type Metric, metricsText, SERVER_METRICS, type ServerSources } from '../server/metrics.ts';
import type { Intake } from './intake.ts';
import type { PassOn, PassOnCounters } from './pass-on.ts';
import type { ProjectCounters } from './project.ts';

export interface MetricSources extends ServerSources {
  intake: Intake;
  passOn: readonly PassOn[];
}

type GatewayMetric = Metric<MetricSources>;

const METRICS: readonly GatewayMetric[] = [
  ...SERVER_METRICS,
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

function perProject(value: (counters: ProjectCounters) => number): GatewayMetric['read'] {
  return ({ intake }) =>
    intake.projects.map(([project, counters]) => ({ labels: { project }, value: value(counters) }));
}

function perTarget(value: (counters: PassOnCounters) => number): GatewayMetric['read'] {
  return ({ passOn }) => passOn.map((target) => ({ labels: { target: target.host }, value: value(target.counters()) }));
}

/** Everything there is to measure, as Prometheus reads it. */
export function gatewayMetricsText(sources: MetricSources): string {
  return metricsText('otel_langfuse_gateway_', METRICS, sources);
}
