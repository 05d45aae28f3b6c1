// The preload as a user has it; `register` a second time only gives what the first one made, to flush it.
import '../dist/preload.js';
import { register } from '../dist/register.js';

globalThis.bench = { flush: () => register().forceFlush() };
