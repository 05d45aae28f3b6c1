import type { Attributes } from '@opentelemetry/api';
import { type OpenSpan, openParentOf } from './open-spans.ts';

/** What a span says of the whole trace, and the beginning of what else it may. */
const OF_THE_TRACE: ReadonlySet<string> = new Set([
  'user.id',
  'session.id',
  'langfuse.trace.name',
  'langfuse.trace.tags',
]);
const METADATA = 'langfuse.trace.metadata.';

/**
 * What the span above says of their trace and this one, which has just started, does not. Some tell only the topmost
 * span whose trace it is, as Langfuse's handler for LangChain does; but what a user costs is what the calls below cost.
 */
export function inheritedAttributes(span: object): Attributes | undefined {
  const above = openParentOf(span as OpenSpan)?.attributes;
  const { attributes: own = {} } = span as OpenSpan;
  let inherited: Attributes | undefined;
  // Every span that starts comes here: no lists are made.
  for (const name in above) {
    if (!OF_THE_TRACE.has(name) && !name.startsWith(METADATA)) continue;
    if (own[name] === undefined) (inherited ??= {})[name] = above[name];
  }
  return inherited;
}
