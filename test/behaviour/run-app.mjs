/** The app under test: runs every scenario of a client and prints what it saw as one line of JSON. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { describeError, outcome, settle } from './observe.mjs';
import { CLIENT_SCENARIOS } from './scenarios-of-clients.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { FAMILIES } from './surfaces.mjs';

/** Some calls never settle: openai 4 when the connection breaks inside a JSON body. */
const PATIENCE_MS = 500;

/**
 * @param {object} app
 * @param {'openai' | 'anthropic'} app.family
 * @param {any} app.module the client library
 * @param {any} app.helpers its helpers for zod
 * @param {any} app.zod
 * @param {any} app.trace of the OpenTelemetry API
 */
export async function runApp({ family, module, helpers, zod, trace }) {
  const { surfaces, client: create } = FAMILIES[family];
  const url = process.env.STAND_IN_URL;
  const client = create(module, url);
  const refused = create(module, process.env.REFUSED_URL);
  const ownFetch = (record) =>
    create(module, url, {
      fetch: async (target, init) => {
        const response = await fetch(target, init);
        record(target, init, response);
        return response;
      },
    });
  const shared = {
    client,
    refused,
    ownFetch,
    headers,
    storage: new AsyncLocalStorage(),
    activeSpan: () => trace.getActiveSpan() !== undefined,
  };

  const events = observeProcess();
  const scenarios = {};
  const run = async (name, scenario, app) => {
    const result = outcome(() => scenario({ ...shared, ...app, model: name }));
    scenarios[name] = await Promise.race([result, sleep(PATIENCE_MS, 'never settled')]);
    await immediate();
  };
  for (const [surfaceName, surface] of Object.entries(surfaces)) {
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      const model = `${surfaceName}: ${name}`;
      const from = (method) => (words, body, options, otherClient) =>
        surface[method](
          otherClient ?? client,
          { model, ...body },
          { ...headers(words), ...options },
          { zod, ...helpers },
        );
      const helper = (...call) => ({ stream: from('stream')(...call), events: surface.events, finals: surface.finals });
      await run(model, scenario, { call: from('create'), parse: from('parse'), helper });
    }
  }
  for (const [name, scenario] of Object.entries(CLIENT_SCENARIOS[family])) await run(name, scenario, {});
  await settle();
  process.stdout.write(`${JSON.stringify({ scenarios, events })}\n`);
}

/** What the stand-in provider is to do. @param {string} words */
function headers(words) {
  return { headers: { 'x-stand-in': words } };
}

/** What happens beside the scenarios; nothing of it should. */
export function observeProcess() {
  const events = [];
  process.on('unhandledRejection', (error) => events.push({ unhandledRejection: describeError(error) }));
  process.on('warning', (warning) => events.push({ warning: describeError(warning) }));
  return events;
}
