import { expect, test } from 'vitest';
import { RecentSet } from '../../src/util/recent-set.ts';

test('remembers at least half of the maximum, and never more than it', () => {
  const recent = new RecentSet(10);
  for (let index = 0; index < 100; index++) {
    recent.add(`${index}`);
    const remembered = Array.from({ length: index + 1 }, (_, item) => `${item}`).filter((item) => recent.has(item));
    expect(remembered.length).toBeGreaterThanOrEqual(Math.min(index + 1, 5));
    expect(remembered.length).toBeLessThanOrEqual(10);
    expect(remembered.at(-1)).toBe(`${index}`);
  }
});
