// The calls are made in a worker thread, which is the app's only work.
import { Worker } from 'node:worker_threads';

new Worker(new URL('../../apps/plain.mjs', import.meta.url));
