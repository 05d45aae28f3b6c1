// The calls are made in a worker thread, which is the app's only work.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

await once(new Worker(new URL('../../apps/plain.mjs', import.meta.url)), 'exit');
