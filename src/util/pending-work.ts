/**
 * Work that was put off to keep it out of the app's way, and who must be able to ask for it now: flushes and the end
 * of the process. Kept on the process, not in this module, because an app may hold several copies of it (a bundle
 * beside the preload).
 */
const KEY = Symbol.for('otel-langfuse.pending-work');
const registry = globalThis as { [KEY]?: Set<(final: boolean) => void> };

/**
 * Registers deferred work. `finish(final)` must do it synchronously; `final` says that the process is ending.
 * @returns a function that removes it.
 */
export function registerPendingWork(finish: (final: boolean) => void): () => void {
  const work = (registry[KEY] ??= new Set());
  work.add(finish);
  return () => void work.delete(finish);
}

/** Does all deferred work of the process now. */
export function finishPendingWork(final = false): void {
  for (const finish of registry[KEY] ?? []) finish(final);
}
