import { beforeAll, describe, expect, test } from 'vitest';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import { placeApp } from './place-app.ts';

/** What the stand-in bills for its plain answer. */
const BILL = { input: 24, output: 9, total: 33 };

describe('HTTP clients without a client library', () => {
  let before: AppRun;
  let after: AppRun;
  beforeAll(async () => {
    const app = placeApp('http-clients.mjs');
    [before, after] = await Promise.all([
      runAppProcess(app),
      runAppProcess(app, { flags: ['--require', 'otel-langfuse/register'] }),
    ]);
  }, 150_000);

  test('behave as before', () => {
    expect(before.exit, before.stderr).toEqual({ code: 0, signal: null });
    expect(after.exit, after.stderr).toEqual({ code: 0, signal: null });
    expect(after.scenarios).toEqual(before.scenarios);
    expect(after.events).toEqual(before.events);
    expect(after.stderr).toEqual(before.stderr);
    const errors = Object.entries(before.scenarios).filter(([, scenario]) =>
      JSON.stringify(scenario).includes('"error"'),
    );
    expect(errors).toEqual([]);
  });

  test('each call is one span with the tokens that were billed', () => {
    const spans = after.spans.map(({ attributes }) => [
      attributes['gen_ai.request.model'],
      JSON.parse(String(attributes['langfuse.observation.usage_details'])),
    ]);
    const asked = after.exchanges.map(({ body }) => [body.model, BILL]);
    expect(asked.length).toBeGreaterThanOrEqual(24);
    expect(spans.toSorted()).toEqual(asked.toSorted());
  });

  test('each response is read in full', () => {
    for (const { attributes } of after.spans) {
      expect(attributes['langfuse.observation.output'], String(attributes['gen_ai.request.model'])).toContain(
        'Paris is sunny, 22°C.',
      );
    }
  });
});
