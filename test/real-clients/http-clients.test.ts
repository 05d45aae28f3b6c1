import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { type AppRun, runAppProcess } from '../behaviour/app-process.ts';
import type { ReceivedSpan } from '../support/otlp-sink.ts';
import { placeApp } from './place-app.ts';

/** What the stand-in bills for its plain answer. */
const BILL = { input: 24, output: 9, total: 33 };

const BAD_END = 'bad end: ';
const ERROR = 2;
/** Models are named after what is done with them, so they have no price, which would be said. */
const QUIET = { OTEL_LANGFUSE_LOG_LEVEL: 'error' };

describe('HTTP clients without a client library', () => {
  let before: AppRun;
  let after: AppRun;
  beforeAll(async () => {
    const app = placeApp('http-clients.mjs');
    [before, after] = await Promise.all([
      runAppProcess(app),
      runAppProcess(app, { flags: ['--require', 'otel-langfuse/register'], environment: QUIET }),
    ]);
  }, 150_000);

  test('behave as before', () => {
    expectSameRun(before, after);
    expect(after.stderr).toEqual(before.stderr);
    const errors = Object.entries(before.scenarios).filter(([, scenario]) =>
      JSON.stringify(scenario).startsWith('{"error":'),
    );
    expect(errors.map(([name]) => name)).toEqual([
      'bad end: no connection',
      'bad end: aborted before the answer',
      'bad end: aborted in the answer',
      'bad end: cut by the server',
    ]);
  });

  test('each call is one span with the tokens that were billed', () => {
    const spans = after.spans
      .filter((span) => !isBadEnd(span))
      .map(({ attributes }) => [
        modelOf(attributes),
        JSON.parse(String(attributes['langfuse.observation.usage_details'])),
      ]);
    const asked = after.exchanges
      .filter(({ body }) => !String(body.model).startsWith(BAD_END))
      .map(({ body }) => [body.model, BILL]);
    expect(asked.length).toBeGreaterThanOrEqual(30);
    expect(spans.toSorted()).toEqual(asked.toSorted());
  });

  test('each response is read in full', () => {
    for (const { attributes } of after.spans.filter((span) => !isBadEnd(span))) {
      expect(attributes['langfuse.observation.output'], modelOf(attributes)).toContain('Paris is sunny, 22°C.');
    }
  });

  test('each call that ends badly is one span too', () => {
    const ends = after.spans
      .filter(isBadEnd)
      .map(({ attributes, status }) => [
        modelOf(attributes).slice(BAD_END.length),
        attributes['error.type'] ?? null,
        status.code,
      ]);
    expect(ends.toSorted()).toEqual([
      ['aborted before the answer', 'AbortError', ERROR],
      ['aborted in the answer', null, 0],
      ['an error status', 'requests', ERROR],
      ['cut by the server', 'UND_ERR_SOCKET', ERROR],
      ['left in the answer', null, 0],
      ['no connection', 'ECONNREFUSED', ERROR],
    ]);
  });
});

function modelOf(attributes: ReceivedSpan['attributes']): string {
  return String(attributes['gen_ai.request.model']);
}

function isBadEnd({ attributes }: ReceivedSpan): boolean {
  return modelOf(attributes).startsWith(BAD_END);
}
