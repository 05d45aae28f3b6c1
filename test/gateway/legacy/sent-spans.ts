import { expect } from 'vitest';
import type { ExportedSpan } from '../../support/recording-delivery.ts';

/** The last of each span, as Langfuse keeps it: to it, one with another start is another span. */
export function lastOfEach(spans: readonly ExportedSpan[]): ExportedSpan[] {
  return [...new Map(spans.map((span) => [span.spanId + span.startTimeUnixNano, span])).values()];
}

/** The only span of this name. */
export function named(spans: readonly ExportedSpan[], name: string): ExportedSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found, `spans named ${name} among ${spans.map((span) => span.name).join(', ')}`).toHaveLength(1);
  return found[0] as ExportedSpan;
}

export function attribute({ attributes }: ExportedSpan, name: string): unknown {
  return attributes[`langfuse.${name}`];
}

export function usageOf(span: ExportedSpan): unknown {
  return jsonOf(attribute(span, 'observation.usage_details'));
}

export function costOf(span: ExportedSpan): { total?: number } | undefined {
  return jsonOf(attribute(span, 'observation.cost_details')) as { total?: number } | undefined;
}

function jsonOf(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(String(value));
}
