import { beforeAll, describe, expect, test } from 'vitest';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import type { StandInExchange } from '../support/stand-in-provider.mjs';
import { placeApp } from './place-app.ts';

const BILL = { input: 24, output: 9, total: 33 };

/** What the provider puts into the other events once usage is asked for, as text and as text in text. */
function withoutNulls(scenarios: unknown): unknown {
  return JSON.parse(JSON.stringify(scenarios).replaceAll(/,\\?"usage\\?":null/g, ''));
}

/** A request without what asks for usage. */
function askedBesides({
  body: { stream_options: { include_usage: _usage, ...options } = {}, ...body },
}: StandInExchange): object {
  return { ...body, options };
}

describe('OTEL_LANGFUSE_STREAM_USAGE', () => {
  let before: AppRun;
  let injected: AppRun;
  let off: AppRun;
  beforeAll(async () => {
    const app = placeApp('stream-usage.mjs');
    const flags = ['--require', 'otel-langfuse/register'];
    // Models are named after what is done with them, so they have no price, which would be said.
    const quiet = { OTEL_LANGFUSE_LOG_LEVEL: 'error' };
    const environment = { ...quiet, OTEL_LANGFUSE_STREAM_USAGE: 'inject' };
    [before, injected, off] = await Promise.all([
      runAppProcess(app),
      runAppProcess(app, { flags, environment }),
      runAppProcess(app, { flags, environment: quiet }),
    ]);
  }, 150_000);

  test('inject: the app reads what it would have read', () => {
    expect(injected.exit, injected.stderr).toEqual({ code: 0, signal: null });
    expect(Object.keys(before.scenarios).length).toBeGreaterThan(20);
    expect(withoutNulls(injected.scenarios)).toEqual(withoutNulls(before.scenarios));
    expect(injected.events).toEqual(before.events);
    expect(injected.stderr).toBe('');
  });

  test('inject: every stream reports usage, and is billed by it', () => {
    const streams = injected.exchanges.filter(({ body }) => body.stream);
    expect(streams.filter(({ body }) => body.stream_options?.include_usage !== true)).toEqual([]);
    const answered = injected.exchanges.filter(({ status }) => status === 200).map(({ body }) => [body.model, BILL]);
    const spans = injected.spans
      .filter(({ status }) => status.code !== 2)
      .map(({ attributes }) => [
        attributes['gen_ai.request.model'],
        JSON.parse(String(attributes['langfuse.observation.usage_details'])),
      ]);
    expect(spans.toSorted()).toEqual(answered.toSorted());
  });

  test('inject: a request is otherwise what it was', () => {
    expect(injected.exchanges.map(askedBesides)).toEqual(before.exchanges.map(askedBesides));
  });

  test('off: a request is left alone', () => {
    expect(off.exchanges.map(({ body }) => body)).toEqual(before.exchanges.map(({ body }) => body));
    expect(off.scenarios).toEqual(before.scenarios);
  });
});
