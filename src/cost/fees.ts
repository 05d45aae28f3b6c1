import type { CostPart } from '../model/cost.ts';
import { type Money, parseUsd, scaleMoney } from '../model/money.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import type { PriceKey } from './catalog.ts';
import type { MatchedModel } from './match-model.ts';
import type { Rates } from './rates.ts';

/** A price that may apply, and how many it is for. */
interface UnitPrice {
  key: PriceKey;
  per: bigint;
  /** For an answer that used any, however many. */
  once?: true;
}

/** What a use of a provider's own tool costs. Neither a price nor a note: nothing besides its tokens. */
interface Fee {
  /** The first that the model has. */
  prices?: readonly UnitPrice[];
  /** What to say with the cost. */
  note?: string;
}

const WEB_SEARCH: readonly UnitPrice[] = [
  { key: 'web_searches_kcount', per: 1000n },
  { key: 'grounded_prompts_kcount', per: 1000n, once: true },
];

/** By the names of `ReportedUsage.serverTools`. */
const FEES: Readonly<Record<string, Fee>> = {
  web_search_requests: { prices: WEB_SEARCH },
  web_search_preview_requests: { prices: [{ key: 'web_search_previews_kcount', per: 1000n }, ...WEB_SEARCH] },
  file_search_calls: { prices: [{ key: 'storage_searches_kcount', per: 1000n }] },
  code_interpreter_containers: {
    prices: [{ key: 'code_interpreter_sessions_kcount', per: 1000n }],
    note: 'each billed as one new session of 1 GB',
  },
  // https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-fetch-tool
  web_fetch_requests: {},
  // https://platform.claude.com/docs/en/agents-and-tools/tool-use/tool-search-tool
  tool_search_requests: {},
  // https://platform.claude.com/docs/en/about-claude/pricing#code-execution-tool: by the hour after 1,550 free ones
  code_execution_requests: { note: 'not included: billed by time, which is not reported' },
};

/** How the catalog states the prices of units; any unit may also have a price for one, `<unit>_count`. */
const UNITS: Readonly<Record<string, readonly UnitPrice[]>> = {
  seconds: [
    { key: 'input_audio_hours', per: 3600n },
    { key: 'audio_hours', per: 3600n },
  ],
  pages: [{ key: 'input_document_kpages', per: 1000n }],
  annotated_pages: [{ key: 'input_annotated_document_kpages', per: 1000n }],
  requests: [{ key: 'requests_kcount', per: 1000n }],
};

export interface Fees {
  parts: CostPart[];
  assumptions: string[];
  /** Units that were used and have no price. */
  unpricedUnits: string[];
}

/** Bill lines for what is charged by the request, the call of a tool or another unit. A missing fee is named, not guessed. */
export function feesOf(
  { provider, model }: MatchedModel,
  rates: Rates,
  { serverTools = {}, units = {} }: Pick<ReportedUsage, 'serverTools' | 'units'>,
): Fees {
  const fees: Fees = { parts: [], assumptions: [], unpricedUnits: [] };
  const charge = (item: string, count: number, prices: readonly UnitPrice[], priceOf: Rates['fee']): boolean => {
    const found = prices.find(({ key }) => priceOf(key) !== undefined);
    const price = found && priceOf(found.key);
    if (!found || price === undefined) return false;
    const quantity = found.once ? Math.min(count, 1) : count;
    fees.parts.push({ item, model: model.id, quantity, ...amounts(price, found.per, quantity) });
    return true;
  };
  charge('requests', 1, pricesOfUnit('requests'), rates.fee);
  for (const [tool, count] of Object.entries(serverTools)) {
    const fee = FEES[tool];
    const own: readonly UnitPrice[] = [{ key: `${tool}_count`, per: 1n }, ...(fee?.prices ?? [])];
    const isKnown = charge(tool, count, own, rates.fee) || (fee !== undefined && fee.prices === undefined);
    if (!isKnown) fees.assumptions.push(`${count} ${tool} of ${provider} not included: no fee is known`);
    else if (fee?.note !== undefined) fees.assumptions.push(`${count} ${tool} ${fee.note}`);
  }
  for (const [unit, count] of Object.entries(units))
    if (count > 0 && !charge(unit, count, pricesOfUnit(unit), rates.unit)) fees.unpricedUnits.push(unit);
  return fees;
}

function pricesOfUnit(unit: string): readonly UnitPrice[] {
  return [{ key: `${unit}_count`, per: 1n }, ...(UNITS[unit] ?? [])];
}

const ONE = parseUsd(1);

/** Exact also for quantities such as 12.5 seconds. */
function amounts(price: Money, per: bigint, quantity: number): { unitPrice: Money; amount: Money } {
  return { unitPrice: scaleMoney(price, 1n, per), amount: scaleMoney(price, parseUsd(quantity), ONE * per) };
}
