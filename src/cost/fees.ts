import type { CostPart } from '../model/cost.ts';
import type { PriceKey } from './catalog.ts';
import type { MatchedModel } from './match-model.ts';
import { FEES } from './overlay.ts';
import type { Rates } from './rates.ts';

/** Bill lines for what is charged by the call, not by the token. A fee that is not known is named, not guessed. */
export function feesOf(
  { provider, model }: MatchedModel,
  rates: Rates,
  serverTools: Record<string, number> = {},
): { parts: CostPart[]; assumptions: string[] } {
  const parts: CostPart[] = [];
  const assumptions: string[] = [];
  const charge = (item: string, quantity: number, key: PriceKey): boolean => {
    const perThousand = rates.feePerThousand(key);
    if (perThousand === undefined) return false;
    const unitPrice = perThousand / 1000n;
    parts.push({ item, model: model.id, quantity, unitPrice, amount: unitPrice * BigInt(quantity) });
    return true;
  };
  // Where a request has a fee it depends on the size of its search context, and the catalog has the highest.
  if (charge('requests', 1, 'requests_kcount'))
    assumptions.push(`fee for a request of ${model.id}: that of the largest search context`);
  for (const [tool, count] of Object.entries(serverTools)) {
    const fee = FEES[tool];
    const isKnown = fee !== undefined && (fee.price === undefined || charge(tool, count, fee.price));
    if (!isKnown) assumptions.push(`${count} ${tool} of ${provider} not included: no fee is known`);
    else if (fee.note !== undefined) assumptions.push(`${count} ${tool} ${fee.note}`);
  }
  return { parts, assumptions };
}
