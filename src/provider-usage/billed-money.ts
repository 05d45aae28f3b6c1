import type { JsonObject } from '../model/json.ts';
import { formatUsd, type Money, parseUsd } from '../model/money.ts';
import { asCount, asNumber, asObject } from '../util/json-read.ts';

/** xAI bills in ticks: 10,000,000,000 to the US dollar. */
const TICK: Money = parseUsd('1e-10');

/** Where vendors with an OpenAI-compatible usage object state the money they bill. The first row that answers wins. */
const ROWS: readonly ((usage: JsonObject) => Money | undefined)[] = [
  function xAi(usage) {
    const ticks = asCount(usage.cost_in_usd_ticks);
    return ticks === undefined ? undefined : BigInt(ticks) * TICK;
  },
  // With the user's own provider key, `cost` is OpenRouter's fee only; the provider bills the upstream cost beside it.
  function openRouter(usage) {
    const cost = usd(usage.cost);
    if (cost === undefined || usage.is_byok !== true) return cost;
    const upstream = usd(asObject(usage.cost_details)?.upstream_inference_cost);
    return upstream === undefined ? undefined : cost + upstream;
  },
  function perplexity(usage) {
    return usd(asObject(usage.cost)?.total_cost);
  },
];

/** The money the provider says it bills for the call, as exact decimal text in USD. */
export function readBilledUsd(usage: JsonObject): string | undefined {
  for (const row of ROWS) {
    const money = row(usage);
    if (money !== undefined) return formatUsd(money);
  }
  return undefined;
}

function usd(value: unknown): Money | undefined {
  const amount = asNumber(value);
  return amount === undefined || amount < 0 ? undefined : parseUsd(amount);
}
