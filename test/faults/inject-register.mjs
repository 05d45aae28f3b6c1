// Before anything of ours is loaded: makes every function of it one that can be told to throw.
import { register } from 'node:module';

register('./inject-hooks.mjs', import.meta.url);

const reached = new Set();
let target;
let hits = 0;

globalThis.faults = {
  reached,
  /** From now on, the function of this name throws, or none. */
  throwIn(name) {
    if (name !== undefined) hits = 0;
    target = name;
  },
  /** How often one did, of the last name. */
  get hits() {
    return hits;
  },
  enter(name) {
    reached.add(name);
    if (name !== target) return;
    hits++;
    throw new Error(`injected into ${name}`);
  },
};
