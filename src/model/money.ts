/**
 * Exact money: an integer count of 1e-15 USD. Provider prices have at most 9 decimals per token, so products with
 * integer counts, multipliers of two decimals and their sums stay exact; rounding happens once, on output.
 */
export type Money = bigint;

const DECIMALS = 15;
const UNIT = 10n ** BigInt(DECIMALS);

/**
 * Reads a decimal such as `0.0025`, `2.5e-7` or `3` as USD, exactly. Digits beyond 1e-15 are rounded half up.
 * @throws {RangeError} if the text is not a finite decimal number.
 */
export function parseUsd(value: string | number): Money {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(String(value).trim());
  if (!match || (match[2] === '' && !match[3])) throw new RangeError(`not a decimal amount: ${value}`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const shift = DECIMALS - fraction.length + Number(exponent);
  if (Math.abs(shift) > 400) throw new RangeError(`amount out of range: ${value}`);
  const digits = BigInt(whole + fraction || '0');
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounded(digits, 10n ** BigInt(-shift));
  return sign ? -scaled : scaled;
}

/** `amount * numerator / denominator`, rounded half away from zero. */
export function scaleMoney(amount: Money, numerator: bigint, denominator: bigint): Money {
  const product = amount * numerator;
  return product < 0n ? -divideRounded(-product, denominator) : divideRounded(product, denominator);
}

/** The amount as a JavaScript number of USD: the nearest double to the exact value. */
export function toUsd(amount: Money): number {
  return Number(formatUsd(amount));
}

/** The amount as exact decimal text in USD, without trailing zeros: `0.005615`. */
export function formatUsd(amount: Money): string {
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % UNIT).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${absolute / UNIT}${fraction && `.${fraction}`}`;
}

function divideRounded(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor / 2n) / divisor;
}
