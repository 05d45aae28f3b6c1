/** Sees events without being a listener: a listener for `error` or `response` would change what Node does. */
export function watchEvents(
  emitter: NodeJS.EventEmitter,
  watchers: Partial<Record<string | symbol, (argument: unknown) => unknown>>,
): void {
  const { emit } = emitter;
  emitter.emit = function (this: NodeJS.EventEmitter, event: string | symbol, ...parameters: unknown[]) {
    watchers[event]?.(parameters[0]);
    return emit.call(this, event, ...parameters);
  };
}
