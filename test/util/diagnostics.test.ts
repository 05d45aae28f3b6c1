import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { notify } from '../../src/util/diagnostics.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

let said: () => number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  said = () => write.mock.calls.length;
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('each kind is told once a minute', () => {
  for (const kind of ['a', 'b', 'a']) notify('warn', `minute ${kind}`, 'something');
  expect(said()).toBe(2);
  vi.advanceTimersByTime(MINUTE_MS);
  notify('warn', 'minute a', 'something');
  expect(said()).toBe(3);
});

test('a clock that is set back silences nobody', () => {
  notify('warn', 'clock', 'something');
  vi.setSystemTime(Date.now() - DAY_MS);
  vi.advanceTimersByTime(MINUTE_MS);
  notify('warn', 'clock', 'something');
  expect(said()).toBe(2);
});
