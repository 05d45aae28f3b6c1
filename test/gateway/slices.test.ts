import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inSlices } from '../../src/gateway/slices.ts';

const MEGABYTE = 1024 * 1024;

test('slices are of a size that can be worked on, and together what they were made of', () => {
  const sizes = fc.array(fc.nat(3 * MEGABYTE), { maxLength: 50 });
  fc.assert(
    fc.property(sizes, fc.nat(3), (some, times) => {
      const items = Array.from({ length: times * 1_000 }, () => some).flat();
      const slices = [...inSlices(items, (size) => size)];
      expect(slices.flat()).toEqual(items);
      for (const slice of slices.slice(1)) expect(slice.length).toBeGreaterThan(0);
      for (const slice of slices) {
        expect(slice.length).toBeLessThanOrEqual(2_000);
        expect(slice.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(8 * MEGABYTE);
      }
    }),
    { numRuns: 30 },
  );
});

test('what is too large by itself is a slice; nothing is one, too', () => {
  expect([...inSlices([9, 9], (item) => item * MEGABYTE)]).toEqual([[9], [9]]);
  expect([...inSlices([])]).toEqual([[]]);
});
