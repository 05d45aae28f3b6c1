import { formatUsd } from '../model/money.ts';
import type { Group, Report } from './aggregate.ts';
import type { Dimension } from './spent-call.ts';
import { totalsJson, type TotalsJson } from './totals.ts';

/** The report for other programs. Costs are exact decimal text in USD. */
export interface ReportJson {
  days: { first: string; last: string } | null;
  total: TotalsJson;
  by: Partial<Record<Dimension, (TotalsJson & { key: string | null })[]>>;
  unreadable: number;
}

export function reportJson({ total, by, days, unreadable }: Report): ReportJson {
  const groups = Object.entries(by).map(([dimension, list]) => [
    dimension,
    list.map(({ key, ...totals }) => ({ key: key ?? null, ...totalsJson(totals) })),
  ]);
  return { days: days ?? null, total: totalsJson(total), by: Object.fromEntries(groups), unreadable };
}

const CSV_COLUMNS: readonly [title: string, value: (group: Group) => string | number][] = [
  ['key', ({ key }) => key ?? ''],
  ['calls', ({ calls }) => calls],
  ['errors', ({ errors }) => errors],
  ['unpriced', ({ unpriced }) => unpriced],
  ['input_tokens', ({ tokens }) => tokens.input],
  ['cache_read_tokens', ({ tokens }) => tokens.cacheRead],
  ['cache_write_tokens', ({ tokens }) => tokens.cacheWrite],
  ['output_tokens', ({ tokens }) => tokens.output],
  ['reasoning_tokens', ({ tokens }) => tokens.reasoning],
  ['total_tokens', ({ tokens }) => tokens.total],
  ['cost_usd', ({ cost }) => formatUsd(cost)],
];

/** The groups of every dimension below each other. @see https://www.rfc-editor.org/rfc/rfc4180 */
export function reportCsv({ by }: Report): string {
  const rows = Object.entries(by).flatMap(([dimension, groups]) =>
    groups.map((group) => [dimension, ...CSV_COLUMNS.map(([, value]) => value(group))]),
  );
  const titles = ['by', ...CSV_COLUMNS.map(([title]) => title)];
  return [titles, ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
