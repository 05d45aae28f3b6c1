import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, parseUsd, scaleMoney, toUsd } from '../../src/model/money.ts';

/** Amounts up to a billion dollars. */
const money = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });

describe('parseUsd', () => {
  test.each([
    ['0.0025', 2_500_000_000_000n],
    ['2.5e-7', 250_000_000n],
    ['2.5E+2', 250_000_000_000_000_000n],
    ['3', 3_000_000_000_000_000n],
    ['.5', 500_000_000_000_000n],
    ['5.', 5_000_000_000_000_000n],
    [' 1 ', 1_000_000_000_000_000n],
    ['-0.1', -100_000_000_000_000n],
    [0.1, 100_000_000_000_000n],
    [1e-15, 1n],
    // beyond the last digit: half up
    ['0.0000000000000014', 1n],
    ['0.0000000000000015', 2n],
    ['1e-400', 0n],
  ])('%s', (text, expected) => {
    expect(parseUsd(text)).toBe(expected);
  });

  test.each(['', ' ', '.', '-', 'abc', '1,5', '1.2.3', '0x10', 'NaN', 'Infinity', '1e', '1e999', '--1', '1 2'])(
    'refuses %j',
    (text) => {
      expect(() => parseUsd(text)).toThrow(RangeError);
    },
  );

  test.each([Number.NaN, Infinity])('refuses %s', (value) => {
    expect(() => parseUsd(value)).toThrow(RangeError);
  });

  test('reads back what formatUsd writes', () => {
    fc.assert(fc.property(money, (amount) => parseUsd(formatUsd(amount)) === amount));
  });

  test('reads any number a provider can bill as that number', () => {
    const billed = fc.integer({ min: 0, max: 10 ** 9 }).map((count) => count / 10 ** 9);
    fc.assert(fc.property(billed, (value) => toUsd(parseUsd(value)) === value));
  });
});

describe('formatUsd', () => {
  test.each([
    [0n, '0'],
    [1n, '0.000000000000001'],
    [5_615_000_000_000n, '0.005615'],
    [-5_615_000_000_000n, '-0.005615'],
    [10n ** 15n, '1'],
    [12n * 10n ** 14n, '1.2'],
  ])('%s', (amount, expected) => {
    expect(formatUsd(amount)).toBe(expected);
  });
});

describe('scaleMoney', () => {
  test.each([
    [10n, 1n, 4n, 3n],
    [-10n, 1n, 4n, -3n],
    [9n, 1n, 4n, 2n],
    [7n, 11n, 10n, 8n],
  ])('%s × %s / %s', (amount, numerator, denominator, expected) => {
    expect(scaleMoney(amount, numerator, denominator)).toBe(expected);
  });

  test('is off by no more than half a unit, and the same for gains and losses', () => {
    fc.assert(
      fc.property(money, fc.bigInt(1n, 10_000n), fc.bigInt(1n, 10_000n), (amount, numerator, denominator) => {
        const scaled = scaleMoney(amount, numerator, denominator);
        const error = scaled * denominator - amount * numerator;
        const distance = error < 0n ? -error : error;
        return distance * 2n <= denominator && scaleMoney(-amount, numerator, denominator) === -scaled;
      }),
    );
  });
});
