import type { ReceivedSpan } from '../support/otlp-sink.ts';
import type { Client } from './apps.ts';
import type { StandInExchange as Exchange } from '../support/stand-in-provider.mjs';

/** Counts by scenario: the model a scenario asks for is its name. */
export type Counts = Record<string, number>;

/** Words of an exchange that ends badly whatever its status, if the app does not end it before. */
const BROKEN = ['cut', 'hang'];
/** Made once as JSON and once as a stream. */
const REFUSED = 'connection refused';

export const scenarioOf = (span: ReceivedSpan): string => String(span.attributes['gen_ai.request.model']);

export function countBy<T>(items: readonly T[], scenario: (item: T) => string): Counts {
  const counts: Counts = {};
  for (const item of items) counts[scenario(item)] = (counts[scenario(item)] ?? 0) + 1;
  return counts;
}

/** One span an HTTP exchange with a model or, where the client traces its calls itself, one a call of all its attempts. */
export function expectedSpans(client: Client, exchanges: readonly Exchange[]): Counts {
  return {
    ...countBy(spansOf(client, exchanges), modelOf),
    ...onEachSurface(exchanges, REFUSED, 2),
    // The client begins the call, then sees that it is aborted.
    ...(client.tracesNatively && onEachSurface(exchanges, 'aborted before the call', 1)),
  };
}

/** Those of {@link expectedSpans} that say ERROR. Calls the app ended itself are left open. */
export function expectedErrors(client: Client, exchanges: readonly Exchange[]): Counts {
  return { ...countBy(spansOf(client, exchanges).filter(failed), modelOf), ...onEachSurface(exchanges, REFUSED, 2) };
}

/** Whether the scenario is one the app ends: what status such a span has is not part of the contract. */
export const endedByTheApp = (scenario: string): boolean =>
  scenario.includes('abort') || scenario.endsWith('controller');

/** The exchange that decides about a span, for each span. */
function spansOf(client: Client, exchanges: readonly Exchange[]): Exchange[] {
  const calls = exchanges.filter((exchange) => exchange.body.model !== undefined);
  if (!client.tracesNatively) return calls;
  const next = (exchange: Exchange): Exchange | undefined =>
    calls.slice(calls.indexOf(exchange) + 1).find((later) => modelOf(later) === modelOf(exchange));
  return calls.filter((exchange) => attempt(next(exchange)) === 0);
}

const modelOf = ({ body }: Pick<Exchange, 'body'>): string => String(body?.model);

const attempt = (exchange: Exchange | undefined): number => Number(exchange?.headers['x-stainless-retry-count'] ?? 0);

function failed({ status = 0, words, body }: Exchange): boolean {
  const broken = words.some((word) => BROKEN.includes(word));
  return broken || status >= 400 || (Boolean(body.stream) && words.includes('stream-error'));
}

/** Spans of a scenario the provider sees nothing of. */
function onEachSurface(exchanges: readonly Exchange[], scenario: string, count: number): Counts {
  const surfaces = new Set(exchanges.flatMap(({ body }) => /^(\w+): /.exec(body.model ?? '')?.[1] ?? []));
  return Object.fromEntries([...surfaces].map((surface) => [`${surface}: ${scenario}`, count]));
}

/** The buckets Langfuse is to get for an exchange, without those of 0. */
export function expectedUsage({ usage, path }: Exchange): Counts {
  if (!usage) return {};
  const { input, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output, reasoning = 0 } = usage;
  const anthropic = path === '/v1/messages';
  const buckets = {
    input,
    input_cached_tokens: cacheRead,
    // OpenAI states no lifetime of what is written to the cache.
    input_cache_creation: anthropic ? cacheWrite5m : cacheWrite5m + cacheWrite1h,
    input_cache_creation_1h: anthropic ? cacheWrite1h : 0,
    output: path === '/v1/embeddings' ? 0 : output,
    output_reasoning_tokens: reasoning,
  };
  const total = Object.values(buckets).reduce((sum, count) => sum + count, 0);
  return Object.fromEntries(Object.entries({ ...buckets, total }).filter(([, count]) => count > 0));
}

/** Whether the provider told the app the usage of this exchange and the app read all of it. */
export function isUsageReported({ body, words, status, usage, path }: Exchange): boolean {
  const whole = status === 200 && usage !== undefined && !words.some((word) => [...BROKEN, 'stall'].includes(word));
  const told = !body.stream || !path.endsWith('completions') || body.stream_options?.include_usage === true;
  const scenario = /(?:: |, )([\w-]+)$/.exec(body.model ?? '')?.[1] ?? '';
  return whole && told && words.includes(scenario) && !words.includes('stream-error');
}
