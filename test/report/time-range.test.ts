import { describe, expect, test } from 'vitest';
import { isWithin, parseTime } from '../../src/report/time-range.ts';

const NOW = Date.parse('2026-03-14T12:00:00Z');

describe('points in time', () => {
  test.each<[string, 'from' | 'to', string | undefined]>([
    ['2026-01-31', 'from', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31', 'to', '2026-02-01T00:00:00.000Z'],
    ['2026-01-31T14:30', 'to', '2026-01-31T14:30:00.000Z'],
    ['2026-01-31T14:30:05.250Z', 'from', '2026-01-31T14:30:05.250Z'],
    ['2026-01-31T14:30+02:00', 'from', '2026-01-31T12:30:00.000Z'],
    ['30m', 'from', '2026-03-14T11:30:00.000Z'],
    ['12h', 'to', '2026-03-14T00:00:00.000Z'],
    ['7d', 'from', '2026-03-07T12:00:00.000Z'],
    ['2w', 'from', '2026-02-28T12:00:00.000Z'],
    ['2026-02-30', 'from', undefined],
    ['2026-01-31T25:00', 'from', undefined],
    ['2026-13-01', 'from', undefined],
    ['yesterday', 'from', undefined],
    ['7', 'from', undefined],
    ['7y', 'from', undefined],
    ['-7d', 'from', undefined],
    ['', 'from', undefined],
  ])('%s as %s', (text, edge, expected) => {
    const time = parseTime(text, edge, NOW);
    expect(time === undefined ? undefined : new Date(time).toISOString()).toBe(expected);
  });

  test('the beginning is inside, the end is not, and both may be open', () => {
    expect([4, 5, 6, 7].map((time) => isWithin({ from: 5, to: 7 }, time))).toEqual([false, true, true, false]);
    expect(isWithin({}, 0)).toBe(true);
  });
});
