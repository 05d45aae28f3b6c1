/** The thread that counts: answers each task in its turn, so that the app's event loop never waits for a tokenizer. */
import { parentPort } from 'node:worker_threads';
import type { CountResult, CountTask } from './count-task.ts';
import { runCountTask } from './run-count-task.ts';

export interface CountOrder {
  id: number;
  task: CountTask;
}

export interface CountAnswer {
  id: number;
  /** Absent where the tokenizer failed. */
  result?: CountResult;
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.on('message', ({ id, task }: CountOrder) => parentPort?.postMessage(answer(id, task)));

function answer(id: number, task: CountTask): CountAnswer {
  try {
    return { id, result: runCountTask(task) };
  } catch {
    return { id };
  }
}
