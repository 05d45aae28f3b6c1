import type { SpanAttributes, SpanView } from '../model/span.ts';
import { LANGFUSE } from './attributes.ts';

/** What holds for every trace of a process. */
export interface TraceSettings {
  environment?: string;
  release?: string;
}

/** Where Langfuse looks for the environment if its own attribute is not there. */
const ENVIRONMENTS = ['deployment.environment.name', 'deployment.environment'] as const;

/**
 * Attributes of the trace a span belongs to. User, session and tags are on the span under Langfuse's names already.
 * @param isTop whether the span is the topmost of its trace that goes to Langfuse.
 */
export function traceAttributes(settings: TraceSettings, span: SpanView, isTop: boolean): SpanAttributes {
  const stated = settings.environment ?? ENVIRONMENTS.map((name) => span.resource[name]).find((value) => value);
  const environment = typeof stated === 'string' ? langfuseEnvironment(stated) : undefined;
  return {
    ...(environment && { [LANGFUSE.environment]: environment }),
    ...(settings.release !== undefined && { [LANGFUSE.release]: settings.release }),
    ...(isTop && { [LANGFUSE.asRoot]: true }),
  };
}

/**
 * An environment name as Langfuse takes it: it rejects the whole span otherwise.
 * @see https://langfuse.com/docs/observability/features/environments
 */
function langfuseEnvironment(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '-')
    .replace(/^(langfuse[-_]*)+/, '')
    .slice(0, 40);
}
