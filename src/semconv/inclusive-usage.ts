import { isReasoningInside, reasoningOf, type ReportedUsage, wholeInput } from '../model/reported-usage.ts';

/** The two sums of the GenAI conventions, in tokens. */
export interface InclusiveUsage {
  /** With cache reads and writes. */
  input?: number;
  /** With reasoning. */
  output?: number;
}

/** The sums as the conventions define them, whatever the provider's own counts include. Only ever adds. */
export function inclusiveUsage(usage: ReportedUsage): InclusiveUsage {
  if (usage.parts?.length) return sumOf(usage.parts.map((part) => inclusiveUsage(part.usage)));
  const input = wholeInput(usage);
  return {
    ...(input !== undefined && { input: input + cacheOutside(usage) }),
    ...(usage.output !== undefined && {
      output: usage.output + (isReasoningInside(usage) ? 0 : (reasoningOf(usage) ?? 0)),
    }),
  };
}

/** Cache writes of all lifetimes, where the provider states them at all. */
export function cacheWrites(usage: ReportedUsage): number | undefined {
  if (usage.cacheWrite !== undefined) return usage.cacheWrite;
  if (usage.cacheWrite5m === undefined && usage.cacheWrite1h === undefined) return undefined;
  return (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0);
}

function cacheOutside(usage: ReportedUsage): number {
  const read = usage.inputIncludes.cacheRead ? 0 : (usage.cacheRead ?? 0);
  const written = usage.inputIncludes.cacheWrite ? 0 : (cacheWrites(usage) ?? 0);
  return read + written;
}

function sumOf(sums: readonly InclusiveUsage[]): InclusiveUsage {
  const add = (key: keyof InclusiveUsage): number => sums.reduce((total, sum) => total + (sum[key] ?? 0), 0);
  return { input: add('input'), output: add('output') };
}
