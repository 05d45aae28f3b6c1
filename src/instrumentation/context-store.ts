import type { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context } from '@opentelemetry/api';
import { guard } from '../util/guard.ts';

/** The part of a storage that a diagnostics channel uses of one it is bound to: up to Node 25.8, and since. */
interface ChannelStore {
  run<T>(entered: Context, next: () => T): T;
  withScope(entered: Context): object;
}

/** A context manager. Older ones cannot enter a context but around a function: nothing is entered then. */
interface Manager {
  attach?(entered: Context): object;
}

const nothingEntered = { [Symbol.dispose]: (): void => {} };

/**
 * Stands for OpenTelemetry's own storage where a diagnostics channel is to be bound to it: whatever context manager is
 * registered when the channel is used enters the context, and there may be none yet when the channel is bound.
 */
const store: ChannelStore = {
  run: (entered, next) => context.with(entered, next),
  withScope: (entered) => guard('entering a context', () => attach(entered)) ?? nothingEntered,
};

function attach(entered: Context): object | undefined {
  const { _getContextManager: registered } = context as unknown as { _getContextManager?: () => Manager };
  return registered?.call(context).attach?.(entered);
}

export const contextStore: AsyncLocalStorage<Context> = store as unknown as AsyncLocalStorage<Context>;
