/** The app under test: everything a client library is used for. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { runScenarios } from './run-scenarios.mjs';
import { CLIENT_SCENARIOS } from './scenarios-of-clients.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { FAMILIES } from './surfaces.mjs';

/**
 * @param {object} app
 * @param {'openai' | 'anthropic'} app.family
 * @param {any} app.module the client library
 * @param {any} app.helpers its helpers for zod
 * @param {any} app.zod
 * @param {any} app.trace of the OpenTelemetry API
 */
export function runApp({ family, module, helpers, zod, trace }) {
  const { surfaces, client: create } = FAMILIES[family];
  const url = process.env.STAND_IN_URL;
  const client = create(module, url);
  const shared = {
    client,
    headers,
    refused: create(module, process.env.REFUSED_URL),
    ownFetch: (record) => create(module, url, { fetch: recordingFetch(record) }),
    storage: new AsyncLocalStorage(),
    activeSpan: () => trace.getActiveSpan() !== undefined,
  };

  const common = Object.entries(surfaces).flatMap(([surfaceName, surface]) =>
    Object.entries(SCENARIOS).map(([name, scenario]) => {
      const model = `${surfaceName}: ${name}`;
      const by =
        (method) =>
        (words, body, options, other = client) =>
          surface[method](other, { model, ...body }, { ...headers(words), ...options }, { zod, ...helpers });
      const helper = (...call) => ({ stream: by('stream')(...call), events: surface.events, finals: surface.finals });
      return [model, () => scenario({ ...shared, model, call: by('create'), parse: by('parse'), helper })];
    }),
  );
  const own = Object.entries(CLIENT_SCENARIOS[family]).map(([model, scenario]) => [
    model,
    () => scenario({ ...shared, model }),
  ]);
  return runScenarios(lanes([...common, ...own]));
}

/** Most scenarios wait most of the time, so several can run at once. */
const LANES = 4;

function lanes(scenarios) {
  return Array.from({ length: LANES }, (_, lane) => scenarios.filter((_scenario, index) => index % LANES === lane));
}

/** What the stand-in provider is to do. @param {string} words */
function headers(words) {
  return { headers: { 'x-stand-in': words } };
}

function recordingFetch(record) {
  return async (url, init) => {
    const response = await fetch(url, init);
    record(url, init, response);
    return response;
  };
}
