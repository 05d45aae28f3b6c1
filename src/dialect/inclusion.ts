import type { ReportedUsage } from '../model/reported-usage.ts';

type Counts = Omit<ReportedUsage, 'inputIncludes' | 'outputIncludes'>;

/**
 * Counts of an instrumentation that means its sums to be whole, with what is inside them. Some pass on Anthropic's
 * `input_tokens`, which leaves out the cache: that shows where the cached tokens exceed the input, or where only with
 * them beside it the stated total comes out.
 */
export function withInclusion(counts: Counts): ReportedUsage {
  const { input, output = 0, total } = counts;
  const cached = (counts.cacheRead ?? 0) + (counts.cacheWrite ?? 0);
  const isBeside = input !== undefined && (cached > input || (cached > 0 && total === input + output + cached));
  return {
    ...counts,
    inputIncludes: { cacheRead: !isBeside, cacheWrite: !isBeside },
    outputIncludes: { reasoning: 'by-total' },
  };
}
