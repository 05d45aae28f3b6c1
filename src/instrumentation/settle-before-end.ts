import type { ProxyTracerProvider, TracerProvider } from '@opentelemetry/api';
import { guard } from '../util/guard.ts';
import { settlePendingWork } from '../util/pending-work.ts';

/** How a provider of any SDK hands on what has ended, now and then or for good; the API's own interface has neither. */
const ENDS = ['forceFlush', 'shutdown'] as const;
type Ends = { [End in (typeof ENDS)[number]]?: (...parameters: unknown[]) => Promise<void> };

const known = new WeakSet<object>();

/**
 * Ends the spans of calls whose reading was put off before a provider flushes or shuts down: its processors hand on what
 * has ended by then, and after a shutdown take nothing more.
 */
export function settleBeforeEnd(provider: TracerProvider): void {
  const ending = ((provider as Partial<ProxyTracerProvider>).getDelegate?.() ?? provider) as Ends;
  if (known.has(ending)) return;
  known.add(ending);
  for (const end of ENDS) guard('tracer provider', () => settleBefore(ending, end));
}

function settleBefore(ending: Ends, end: keyof Ends): void {
  const original = ending[end];
  if (!original) return;
  ending[end] = async (...parameters) => {
    await settlePendingWork();
    return original.apply(ending, parameters);
  };
}
