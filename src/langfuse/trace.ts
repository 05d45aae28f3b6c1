import type { SpanAttributes } from '../model/span.ts';
import { LANGFUSE } from './attributes.ts';

/** What holds for every trace of a process. */
export interface TraceSettings {
  environment?: string;
  release?: string;
}

/**
 * Attributes of the trace a span belongs to. User, session and tags are on the span under Langfuse's names already.
 * @param isTop whether the span is the topmost of its trace that goes to Langfuse.
 */
export function traceAttributes(settings: TraceSettings, isTop: boolean): SpanAttributes {
  const { environment, release } = settings;
  return {
    ...(environment !== undefined && { [LANGFUSE.environment]: environment }),
    ...(release !== undefined && { [LANGFUSE.release]: release }),
    ...(isTop && { [LANGFUSE.asRoot]: true }),
  };
}
