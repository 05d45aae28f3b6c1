import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { describeError, outcome, settle } from './observe.mjs';

/** Some calls never settle: those of openai 4 when the connection breaks inside a JSON body. */
const PATIENCE_MS = 5000;

/** @typedef {readonly [name: string, scenario: () => Promise<unknown>]} Named */

/**
 * Runs scenarios, in each lane one after the other, and prints, as one line of JSON, what each saw and what happened
 * beside them.
 * @param {readonly (readonly Named[])[]} lanes
 */
export async function runScenarios(lanes) {
  const events = observeProcess();
  const observations = {};
  const runLane = async (lane) => {
    for (const [name, scenario] of lane) {
      observations[name] = await settledInTime(outcome(scenario));
      await immediate();
    }
  };
  await Promise.all(lanes.map(runLane));
  await settle();
  process.stdout.write(`${JSON.stringify({ scenarios: observations, events })}\n`);
}

/** @param {Promise<unknown>} result */
async function settledInTime(result) {
  const timer = new AbortController();
  try {
    return await Promise.race([result, sleep(PATIENCE_MS, 'never settled', { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}

/** What happens beside the scenarios; nothing should. */
function observeProcess() {
  const events = [];
  process.on('unhandledRejection', (error) => events.push({ unhandledRejection: describeError(error) }));
  process.on('warning', (warning) => events.push({ warning: describeError(warning) }));
  return events;
}
