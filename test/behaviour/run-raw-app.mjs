/** The app without a client library: runs every scenario of fetch and node:http and prints what it saw as one line of JSON. */
import { runScenarios } from './run-scenarios.mjs';
import { FETCH_SCENARIOS } from './scenarios-fetch.mjs';
import { HTTP_SCENARIOS } from './scenarios-http.mjs';
import { RESPONSE_SCENARIOS } from './scenarios-response.mjs';

const app = { url: process.env.STAND_IN_URL, refused: process.env.REFUSED_URL };
// One lane: some scenarios watch the whole process.
await runScenarios([
  Object.entries({ ...FETCH_SCENARIOS, ...RESPONSE_SCENARIOS, ...HTTP_SCENARIOS }).map(([name, scenario]) => [
    name,
    () => scenario({ ...app, model: name }),
  ]),
]);
