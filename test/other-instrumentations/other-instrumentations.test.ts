import { beforeAll, describe, expect, test } from 'vitest';
import { expectSameRun } from '../support/expect-same-run.ts';
import { INSTRUMENTORS } from './apps/instrumentors.mjs';
import { billsOf, callsOf, tokensBesideCalls } from './generations.ts';
import { type BesideRun, placeApps, runBeside } from './run-beside.ts';

describe.each(Object.keys(INSTRUMENTORS))('beside %s', (instrumentor) => {
  let before: BesideRun;
  let withOwnSdk: BesideRun;
  let withOurs: BesideRun;
  beforeAll(async () => {
    const app = placeApps();
    [before, withOwnSdk, withOurs] = await Promise.all([
      runBeside(app, instrumentor, { preload: false, ownSdk: true }),
      runBeside(app, instrumentor, { preload: true, ownSdk: true }),
      runBeside(app, instrumentor, { preload: true, ownSdk: false }),
    ]);
  }, 150_000);

  test('the app sees what it saw before', () => {
    expectSameRun(before, withOwnSdk);
    expectSameRun(before, withOurs);
    const failed = Object.entries(before.scenarios).filter(([, seen]) => !JSON.stringify(seen).startsWith('{"value":'));
    expect(failed).toEqual([]);
  });

  test.each([
    ['an SDK of its own', (): BesideRun => withOwnSdk],
    ['the SDK of the preload', (): BesideRun => withOurs],
  ])('each call is one generation with the tokens that were billed, with %s', (_, run) => {
    expect(callsOf(run()).toSorted(byText)).toEqual(billsOf(run()).toSorted(byText));
    expect(tokensBesideCalls(run())).toBe(0);
  });
});

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
