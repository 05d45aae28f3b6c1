import { expect } from 'vitest';
import type { AppRun } from '../behaviour/app-process.ts';

/** What the app saw is the same with the preload as without it, and it ended well both times. */
export function expectSameRun(before: AppRun, after: AppRun): void {
  expect(before.exit, before.stderr).toEqual({ code: 0, signal: null });
  expect(after.exit, after.stderr).toEqual({ code: 0, signal: null });
  expect(Object.keys(before.scenarios)).not.toEqual([]);
  expect(after.scenarios).toEqual(before.scenarios);
  expect(after.events).toEqual(before.events);
}
