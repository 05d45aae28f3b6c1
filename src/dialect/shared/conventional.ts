import type { SpanView } from '../../model/span.ts';

/** Attributes of an instrumentation's own, by the name that the GenAI conventions have for each. */
export type OwnNames = Readonly<Record<string, string>>;

/** The span as the conventions would have it. Of an attribute with both names, what stands under the conventions' holds. */
export function underConventions(span: SpanView, names: OwnNames): SpanView {
  const attributes: Record<string, unknown> = { ...span.attributes };
  for (const [own, conventional] of Object.entries(names)) {
    if (attributes[own] === undefined) continue;
    attributes[conventional] ??= attributes[own];
    delete attributes[own];
  }
  return { ...span, attributes };
}
