import { RESTORED } from '../../exporter/restored-span.ts';
import { LANGFUSE } from '../../langfuse/attributes.ts';
import type { SpanAttributes } from '../../model/span.ts';
import { defined } from '../../util/json-read.ts';

const metadata = (key: string): string => LANGFUSE.metadata + key;

/** What else the pipeline says of a span by itself, and would say otherwise after the next event. */
const DERIVED: ReadonlySet<string> = new Set([metadata('problems'), metadata('request_model'), LANGFUSE.asRoot]);

/**
 * The attributes of a span as they were before it was counted and priced, from those of its record: what followed from
 * its usage follows anew.
 */
export function statedAttributes(recorded: SpanAttributes): Record<string, unknown> {
  const stated = Object.entries(recorded).filter(([name]) => !RESTORED.carries(name) && !DERIVED.has(name));
  const isStatedCost = recorded[metadata('cost_source')] === 'provider';
  return {
    ...Object.fromEntries(stated),
    ...defined({
      [LANGFUSE.type]: recorded[LANGFUSE.type],
      [LANGFUSE.usageDetails]: recorded[metadata('reported_usage')] ?? recorded[LANGFUSE.usageDetails],
      [LANGFUSE.costDetails]: isStatedCost ? recorded[LANGFUSE.costDetails] : undefined,
    }),
  };
}
