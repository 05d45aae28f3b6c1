import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { describeError, outcome, settle } from './observe.mjs';

/** Some calls never settle: those of openai 4 when the connection breaks inside a JSON body. */
const PATIENCE_MS = 500;

/**
 * Runs scenarios one after the other and prints, as one line of JSON, what each saw and what happened beside them.
 * @param {(readonly [name: string, scenario: () => Promise<unknown>])[]} scenarios
 */
export async function runScenarios(scenarios) {
  const events = observeProcess();
  const observations = {};
  for (const [name, scenario] of scenarios) {
    observations[name] = await Promise.race([outcome(scenario), sleep(PATIENCE_MS, 'never settled')]);
    await immediate();
  }
  await settle();
  process.stdout.write(`${JSON.stringify({ scenarios: observations, events })}\n`);
}

/** What happens beside the scenarios; nothing should. */
function observeProcess() {
  const events = [];
  process.on('unhandledRejection', (error) => events.push({ unhandledRejection: describeError(error) }));
  process.on('warning', (warning) => events.push({ warning: describeError(warning) }));
  return events;
}
