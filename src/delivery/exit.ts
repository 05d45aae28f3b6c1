import { atMost } from '../util/at-most.ts';
import { guard, guardAsync } from '../util/guard.ts';

/** Something that holds spans or records when the process ends. {@link Delivery} is one. */
export interface Flushable {
  /**
   * Puts what is in memory where it survives, synchronously.
   * @param final whether the process certainly ends: a signal can be the app's own business.
   */
  appendNow(final?: boolean): void;
  /** What it does after `timeoutMs` must not keep the process alive. */
  forceFlush(timeoutMs: number): Promise<unknown>;
}

/** What the end of a process may be delayed by. */
const FLUSH_MS = 2000;

/** The signals that end a process unless it listens to them. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Who is to be flushed, and how to stop listening. */
interface Installation {
  users: Set<readonly Flushable[]>;
  uninstall: () => void;
}

/**
 * On the process, not in this module: of several handlers for one signal, each takes the others for the app's. There
 * is one, even where an app holds several copies of this module (a bundle beside the preload).
 */
const KEY = Symbol.for('otel-langfuse.exit');
const registry = globalThis as { [KEY]?: Installation };

/**
 * Lets nothing be lost when the process ends: by `process.exit` or an exception, by having nothing left to do, or by a
 * signal.
 *
 * - `exit`: {@link Flushable.appendNow}, in the order given: put those that feed others first.
 * - nothing left to do: a flush of at most 2 s, once.
 * - SIGTERM and SIGINT, if the app does not listen to them: a flush of at most 2 s, then the process ends by the
 *   same signal. If it does listen, what it does about the signal stays its own.
 *
 * @returns a function that takes the handlers away.
 */
export function installExitHandlers(flushables: readonly Flushable[]): () => void {
  const user = [...flushables];
  const installation = (registry[KEY] ??= listen());
  installation.users.add(user);
  return () => {
    installation.users.delete(user);
    if (installation.users.size > 0 || registry[KEY] !== installation) return;
    installation.uninstall();
    delete registry[KEY];
  };
}

function listen(): Installation {
  const users: Installation['users'] = new Set();
  const appendAll = (final: boolean): void => {
    for (const flushable of [...users].flat()) guard('exit', () => flushable.appendNow(final));
  };
  const onExit = (): void => appendAll(true);
  const flushAll = async (): Promise<void> => {
    const flushes = [...users].flat().map((flushable) => guardAsync('exit', () => flushable.forceFlush(FLUSH_MS)));
    await atMost(FLUSH_MS, Promise.all(flushes));
  };
  const flushOnce = (): void => void flushAll();

  let installed = true;
  const listenTo = (signal: NodeJS.Signals): void => {
    // First in the row: a listener of the app that is called only once is still to be seen.
    if (installed) process.prependListener(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    process.off(signal, onSignal);
    const isOurs = process.listenerCount(signal) === 0;
    appendAll(isOurs);
    if (!isOurs) {
      // Not for us to decide. Libraries such as signal-exit end the process only if nobody else listens, so we were
      // never here; should the app live on, we are back for the next signal.
      setImmediate(listenTo, signal).unref();
      return;
    }
    // Meanwhile a second signal ends the process at once.
    void flushAll().then(() => {
      onExit();
      process.kill(process.pid, signal);
    });
  };

  process.on('exit', onExit);
  process.once('beforeExit', flushOnce);
  for (const signal of SIGNALS) listenTo(signal);

  const uninstall = (): void => {
    installed = false;
    process.off('exit', onExit);
    process.off('beforeExit', flushOnce);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  return { users, uninstall };
}
