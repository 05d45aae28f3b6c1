import { atMost } from './at-most.ts';

/**
 * Work that was put off to keep it out of the app's way, and who must be able to ask for it now: flushes and the end
 * of the process. Kept on the process, not in this module, because an app may hold several copies of it (a bundle
 * beside the preload).
 */
const KEY = Symbol.for('otel-langfuse.pending-work');
const registry = globalThis as { [KEY]?: Set<PendingWork> };

interface PendingWork {
  finish(final: boolean): void;
  settle(): Promise<void>;
}

/** How long a flush waits for work that another thread does. */
const SETTLE_MS = 1_500;

/**
 * Registers deferred work. `finish(final)` must do it synchronously, as well as that can be done; `final` says that the
 * process is ending. `settle()` does it in its own time, where that does it better.
 * @returns a function that removes it.
 */
export function registerPendingWork(
  finish: PendingWork['finish'],
  settle: PendingWork['settle'] = async () => {},
): () => void {
  const all = (registry[KEY] ??= new Set());
  const work = { finish, settle };
  all.add(work);
  return () => void all.delete(work);
}

/** Does all deferred work of the process now. */
export function finishPendingWork(final = false): void {
  for (const work of registry[KEY] ?? []) work.finish(final);
}

/** Does all deferred work of the process, giving it a moment to be done well. */
export async function settlePendingWork(): Promise<void> {
  await atMost(SETTLE_MS, Promise.all([...(registry[KEY] ?? [])].map((work) => work.settle())));
  finishPendingWork();
}
