import type { Attributes } from '@opentelemetry/api';
import { type OpenSpan, openParentOf } from './open-spans.ts';

/** What a span says of the whole trace. */
const OF_THE_TRACE = /^(user\.id|session\.id|langfuse\.trace\.(name|tags|metadata\..+))$/;

/**
 * What the span above says of their trace and this one, which has just started, does not. Some tell only the topmost
 * span whose trace it is, as Langfuse's handler for LangChain does; but what a user costs is what the calls below cost.
 */
export function inheritedAttributes(span: object): Attributes | undefined {
  const { attributes: own = {} } = span as OpenSpan;
  const above = Object.entries(openParentOf(span as OpenSpan)?.attributes ?? {});
  const missing = above.filter(([name]) => OF_THE_TRACE.test(name) && own[name] === undefined);
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}
