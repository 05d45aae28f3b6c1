import { guard } from '../util/guard.ts';

/**
 * Sees events without being a listener: a listener for `error` or `response` would change what Node does. Whatever a
 * watcher throws, listeners are told.
 */
export function watchEvents(
  emitter: NodeJS.EventEmitter,
  watchers: Partial<Record<string | symbol, (argument: unknown) => unknown>>,
): void {
  const { emit } = emitter;
  emitter.emit = function (this: NodeJS.EventEmitter, event: string | symbol, ...parameters: unknown[]) {
    const watch = watchers[event];
    if (watch) guard(`event ${String(event)}`, () => watch(parameters[0]));
    return emit.call(this, event, ...parameters);
  };
}
