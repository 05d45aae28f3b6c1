import type { ReportedUsage } from '../../model/reported-usage.ts';
import type { SpanView } from '../../model/span.ts';

type Counts = Omit<ReportedUsage, 'inputIncludes' | 'outputIncludes'>;

type Scope = SpanView['scope'];

/** Instrumentations that pass on the provider's input without the cache, whatever its counts look like. */
const BESIDE: readonly { scope: string; through?: readonly [major: number, minor: number] }[] = [
  // https://github.com/traceloop/openllmetry-js/pull/1028 is in no release up to this one.
  { scope: '@traceloop/instrumentation-anthropic', through: [0, 27] },
  // https://github.com/traceloop/openllmetry/issues/4449
  { scope: 'opentelemetry.instrumentation.bedrock' },
];

/**
 * Whether cached tokens are beside the input rather than in it: by who made the span, else where they exceed the input,
 * or where only with them beside it the stated total comes out.
 */
export function isCacheBeside(counts: Counts, scope?: Scope): boolean {
  const { input, output = 0, total } = counts;
  const cached = (counts.cacheRead ?? 0) + (counts.cacheWrite ?? 0);
  if (input === undefined || cached === 0) return false;
  if (scope && BESIDE.some((row) => row.scope === scope.name && isThrough(scope.version, row.through))) return true;
  return cached > input || total === input + output + cached;
}

function isThrough(version: string | undefined, last: readonly [number, number] | undefined): boolean {
  if (!last) return true;
  const [major = Infinity, minor = Infinity] = (version ?? '').split('.', 2).map(Number);
  return major < last[0] || (major === last[0] && minor <= last[1]);
}

/** Counts of an instrumentation that means its sums to be whole, with what is inside them. */
export function withInclusion(counts: Counts): ReportedUsage {
  const isBeside = isCacheBeside(counts);
  return {
    ...counts,
    inputIncludes: { cacheRead: !isBeside, cacheWrite: !isBeside },
    outputIncludes: { reasoning: 'by-total' },
  };
}

/** Counts whose input leaves out the cache, as a dialect knows. Its total then leaves it out too, or not: it says nothing. */
export function withCacheBeside({ total: _total, ...counts }: ReportedUsage): ReportedUsage {
  return { ...counts, inputIncludes: { cacheRead: false, cacheWrite: false } };
}
