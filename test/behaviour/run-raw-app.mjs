/** The app without a client library: runs every raw scenario and prints what it saw as one line of JSON. */
import { runScenarios } from './run-scenarios.mjs';
import { RAW_SCENARIOS } from './scenarios-raw.mjs';

const app = { url: process.env.STAND_IN_URL, refused: process.env.REFUSED_URL };
// One lane: some scenarios watch the whole process.
await runScenarios([
  Object.entries(RAW_SCENARIOS).map(([name, scenario]) => [name, () => scenario({ ...app, model: name })]),
]);
