import { formatUsd, parseUsd } from '../../model/money.ts';
import { asNumber } from '../../util/json-read.ts';

/** USD, as exact text. 0 is what is written of a call that nobody has a price for: that is not the same as free. */
export function asCost(value: unknown): string | undefined {
  const amount = parseUsd(asNumber(value) ?? 0);
  return amount > 0n ? formatUsd(amount) : undefined;
}
