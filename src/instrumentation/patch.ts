/**
 * The only place that replaces globals and built-in modules. Every replacement can be undone; where somebody else has
 * wrapped ours meanwhile, undoing leaves their wrapper in place and ours passes straight through.
 */

// oxlint-disable-next-line typescript/no-unsafe-function-type -- any function of a module or global
type AnyFunction = Function;

/** Builds the replacement of `original`. It must call `original` with the same `this` and arguments. */
export type Replacement<F extends AnyFunction> = (original: F, isActive: () => boolean) => F;

export interface Patch {
  restore(): void;
}

/**
 * Replaces the method `name` of `target` in place. `isActive` tells the replacement whether it has been undone.
 * The replacement keeps the name, length and own properties of the original.
 */
export function replaceMethod<T extends object, K extends keyof T>(
  target: T,
  name: K,
  replace: Replacement<Extract<T[K], AnyFunction>>,
): Patch {
  const descriptor = Object.getOwnPropertyDescriptor(target, name);
  const original = target[name] as Extract<T[K], AnyFunction>;
  let active = true;
  const replacement = replace(original, () => active);
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  const enumerable = descriptor?.enumerable ?? true;
  Object.defineProperty(target, name, { value: replacement, writable: true, configurable: true, enumerable });
  return {
    restore() {
      active = false;
      if (target[name] !== replacement) return;
      if (descriptor) Object.defineProperty(target, name, descriptor);
      else delete target[name];
    },
  };
}
