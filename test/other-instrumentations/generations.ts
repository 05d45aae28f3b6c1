import { asObject } from '../../src/util/json-read.ts';
import type { StandInExchange, StandInUsage } from '../support/stand-in-provider.mjs';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import type { BesideRun } from './run-beside.ts';

/** One call. */
interface Call {
  /** Each scenario asks the stand-in for a model of its own name. */
  scenario: string | undefined;
  /** Its tokens, by what they are billed as; or that nobody has told the app what they were. */
  usage: Record<string, number> | 'untold';
}

/** A stream that the app has left; some instrumentations read on. */
const isLeft = (scenario: string | undefined): boolean => scenario?.endsWith('that is left') ?? false;

const observation = ({ attributes }: ReceivedSpan, name: string): unknown => attributes[`langfuse.observation.${name}`];

function usageOf(span: ReceivedSpan): Record<string, number> {
  return JSON.parse(String(observation(span, 'usage_details') ?? '{}'));
}

const total = (usage: Record<string, number>): number => usage['total'] ?? 0;

const isGeneration = (span: ReceivedSpan): boolean =>
  ['generation', 'embedding'].includes(String(observation(span, 'type')));
const hasFailed = (span: ReceivedSpan): boolean => observation(span, 'level') === 'ERROR' || span.status.code === 2;

/** What Langfuse shows as calls to a model that succeeded. */
export function callsOf({ spans, exchanges }: BesideRun): Call[] {
  const scenarios = new Set(exchanges.map(({ body }) => body.model));
  return spans
    .filter((span) => isGeneration(span) && !hasFailed(span))
    .map((span) => {
      const model = String(observation(span, 'model.name'));
      const isUntold = isLeft(model) || observation(span, 'metadata.estimated_usage');
      return { scenario: scenarios.has(model) ? model : undefined, usage: isUntold ? 'untold' : usageOf(span) };
    });
}

/** Tokens of spans that are no call that succeeded: there are to be none. */
export function tokensBesideCalls({ spans }: BesideRun): number {
  return spans
    .filter((span) => !isGeneration(span) || hasFailed(span))
    .reduce((sum, span) => sum + total(usageOf(span)), 0);
}

/** What the providers put on their bill. */
export function billsOf({ exchanges, answered }: BesideRun): Call[] {
  const fromStandIn = exchanges
    .filter(({ status, usage }) => status === 200 && usage)
    .map((exchange) => ({ scenario: exchange.body.model, usage: billOf(exchange) }));
  const fromFixtures = answered.map(({ expected }) => ({
    scenario: undefined,
    usage: asObject(asObject(expected.disjoint)?.usage) as Record<string, number>,
  }));
  return [...fromStandIn, ...fromFixtures];
}

function billOf({ path, body, usage }: StandInExchange): Call['usage'] {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = usage as StandInUsage;
  if (path.endsWith('/embeddings')) return { input, total: input };
  const isTold = !path.endsWith('/chat/completions') || !body.stream || body.stream_options?.include_usage === true;
  if (!isTold || isLeft(body.model)) return 'untold';
  const counts = {
    input,
    input_cached_tokens: cacheRead,
    input_cache_creation: cacheWrite5m,
    input_cache_creation_1h: cacheWrite1h,
    output,
    output_reasoning_tokens: reasoning,
  };
  const stated = Object.entries(counts).filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0);
  return { ...Object.fromEntries(stated), total: stated.reduce((sum, [, count]) => sum + count, 0) };
}
