import type { JsonObject } from '../model/json.ts';
import { formatUsd, type Money, parseUsd, scaleMoney } from '../model/money.ts';
import { asNumber, asObject } from '../util/json-read.ts';

/** xAI bills in ticks: 10,000,000,000 to the US dollar. */
const TICKS_PER_USD = 10_000_000_000n;

/** Where vendors with an OpenAI-compatible usage object state the money they bill. The first row that answers wins. */
const ROWS: readonly ((usage: JsonObject) => Money | undefined)[] = [
  function xAi(usage) {
    const ticks = usd(usage.cost_in_usd_ticks);
    return ticks === undefined ? undefined : scaleMoney(ticks, 1n, TICKS_PER_USD);
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
  return amount === undefined || amount < 0 || amount > 1e9 ? undefined : parseUsd(amount);
}
