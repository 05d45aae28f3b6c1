import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Attributes, context, type Span, type SpanStatus, trace, type TracerProvider } from '@opentelemetry/api';
import { formatUsd, parseUsd } from '../../src/model/money.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { asObject, parseJson } from '../../src/util/json-read.ts';

const FIXTURES = path.join(import.meta.dirname, '..', 'fixtures');
/** When it all happens: prices change. */
const START = Date.UTC(2026, 0, 15);

interface SpanSketch {
  name: string;
  kind?: number;
  scope: { name: string; version?: string };
  status?: SpanStatus;
  attributes: Attributes;
}

/** A span of a scenario, here or as it was captured (`<dialect>/<case>` in `test/fixtures/spans`); parents come first. */
type ScenarioSpan = { id: string; parent?: string } & (SpanSketch | { recorded: string });

/** Spans of one trace, and what they are to come to in Langfuse: worked out from the provider's price list. */
interface Scenario {
  title: string;
  /** How the cost is worked out. */
  bill: string;
  source: string;
  spans: ScenarioSpan[];
  expected: {
    /** Over all spans. */
    usage: UsageDetails;
    /** Exact decimal text. */
    usd: string;
    /** The spans that have tokens of their own. */
    counted: string[];
    /** The spans that are shown as calls of a model. */
    generations: string[];
  };
}

/** The scenarios of `test/fixtures/scenarios`. */
export const SCENARIOS: readonly Scenario[] = readdirSync(path.join(FIXTURES, 'scenarios')).map((file) =>
  read<Scenario>('scenarios', file),
);

/** Makes the spans of a scenario with a tracer provider; children end first. Returns their ids by their names there. */
export function playScenario({ spans }: Scenario, provider: TracerProvider): Map<string, string> {
  const started = new Map<string, Span>();
  for (const [index, { id, parent, ...rest }] of spans.entries()) {
    const { name, kind = 0, scope, status, attributes } = sketchOf(rest);
    const above = parent === undefined ? undefined : started.get(parent);
    const span = provider
      .getTracer(scope.name, scope.version)
      .startSpan(
        name,
        { kind, attributes, startTime: START + index },
        above ? trace.setSpan(context.active(), above) : context.active(),
      );
    if (status?.code) span.setStatus(status);
    started.set(id, span);
  }
  for (const span of [...started.values()].toReversed()) span.end(START + 1_000);
  return new Map(Array.from(started, ([id, span]) => [id, span.spanContext().spanId]));
}

function sketchOf(span: SpanSketch | { recorded: string }): SpanSketch {
  return 'recorded' in span ? read('spans', `${span.recorded}.span.json`) : span;
}

interface SentSpan {
  spanId: string;
  attributes: Readonly<Record<string, unknown>>;
}

/** What Langfuse has in the end: of each span what came last. */
export function outcomeOf(sent: readonly SentSpan[], ids: ReadonlyMap<string, string>): Scenario['expected'] {
  const last = new Map(sent.map((span) => [span.spanId, span]));
  const usage: Record<string, number> = {};
  const counted: string[] = [];
  const generations: string[] = [];
  let usd = 0n;
  for (const [id, spanId] of ids) {
    const attributes = last.get(spanId)?.attributes ?? {};
    const counts = detailsOf(attributes['langfuse.observation.usage_details']);
    for (const [bucket, count] of Object.entries(counts)) usage[bucket] = (usage[bucket] ?? 0) + count;
    if (counts['total']) counted.push(id);
    if (attributes['langfuse.observation.type'] === 'generation') generations.push(id);
    usd += parseUsd(detailsOf(attributes['langfuse.observation.cost_details'])['total'] ?? 0);
  }
  return { usage, usd: formatUsd(usd), counted, generations };
}

function detailsOf(text: unknown): Record<string, number> {
  return (asObject(parseJson(String(text))) ?? {}) as Record<string, number>;
}

function read<T>(folder: string, file: string): T {
  return JSON.parse(readFileSync(path.join(FIXTURES, folder, file), 'utf8')) as T;
}
