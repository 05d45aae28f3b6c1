// Before anything of ours is loaded: makes every function of it one that can be told to throw.
import { register } from 'node:module';

register('./inject-hooks.mjs', import.meta.url);

const reached = new Set();
let target;
let hits = 0;

globalThis.faults = {
  reached,
  /** From now on, the function of this name throws. */
  throwIn(name) {
    target = name;
    hits = 0;
  },
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
