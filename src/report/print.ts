import { type Money, formatUsd, scaleMoney } from '../model/money.ts';
import type { Group, Report } from './aggregate.ts';
import { counted, grouped } from './numbers.ts';
import { DIMENSIONS, type Dimension } from './spent-call.ts';
import { layOut } from './text-table.ts';
import { addTotals, noTotals, type Totals } from './totals.ts';

export interface PrintOptions {
  /** Places in a line; `Infinity` where nobody's terminal ends. */
  width: number;
  colour: boolean;
}

/** A longer table helps nobody on a terminal: the rest is one row, so that it still adds up. */
const MAX_ROWS = 20;
const WITHOUT_KEY = '(none)';

/** What an app says itself, and by which value of `withLlmContext`. */
const TOLD_BY: Partial<Record<Dimension, string>> = {
  user: 'userId',
  session: 'sessionId',
  feature: 'feature',
  tag: 'tags',
  prompt: 'promptName',
};

/** A column of numbers. One without `always` is shown if a call has it. */
interface Measure {
  title: string;
  always?: true;
  value: (totals: Totals) => number;
}

const MEASURES: readonly Measure[] = [
  { title: 'calls', always: true, value: ({ calls }) => calls },
  { title: 'failed', value: ({ errors }) => errors },
  { title: 'unpriced', value: ({ unpriced }) => unpriced },
  { title: 'input', always: true, value: ({ tokens }) => tokens.input },
  { title: 'cache read', value: ({ tokens }) => tokens.cacheRead },
  { title: 'cache write', value: ({ tokens }) => tokens.cacheWrite },
  { title: 'output', always: true, value: ({ tokens }) => tokens.output },
  { title: 'reasoning', value: ({ tokens }) => tokens.reasoning },
];

/** The report as tables for a terminal, one a dimension. */
export function printReport({ total, by, days, unreadable }: Report, options: PrintOptions): string {
  const silent = DIMENSIONS.filter((dimension) => by[dimension]?.every(({ key }) => key === undefined));
  const tables = DIMENSIONS.filter((dimension) => !silent.includes(dimension)).flatMap((dimension) => {
    const groups = by[dimension];
    return groups ? [printGroups(dimension, groups, total, options)] : [];
  });
  return [[headline(total, days)], ...tables, notes(total, unreadable, silent)]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

function headline({ calls, tokens, cost }: Totals, days: Report['days']): string {
  const sums = `${counted(calls, 'call')}, ${counted(tokens.total, 'token')}, ${dollars(cost, cost)}`;
  if (!days) return sums;
  return `${sums} ${days.first === days.last ? `on ${days.first}` : `from ${days.first} to ${days.last}`} (UTC)`;
}

function printGroups(
  dimension: Dimension,
  groups: readonly Group[],
  total: Totals,
  { width, colour }: PrintOptions,
): string[] {
  const measures = MEASURES.filter(({ always, value }) => always || value(total) > 0);
  const cells = (name: string, totals: Totals): string[] => [
    name,
    ...measures.map(({ value }) => grouped(value(totals))),
    dollars(totals.cost, total.cost),
  ];
  const columns = [dimension, ...measures.map(({ title }) => title), 'cost'].map((title, index) => ({
    title,
    align: index === 0 ? ('left' as const) : ('right' as const),
  }));
  const rows = shortened(dimension, groups).map(({ key, ...totals }) => cells(key ?? WITHOUT_KEY, totals));
  const [titles = '', ...lines] = layOut(columns, rows, width);
  return [colour ? bold(titles) : titles, ...lines];
}

/** The rows to show: of days the last ones, else the first ones, and what the others come to. */
function shortened(dimension: Dimension, groups: readonly Group[]): readonly Group[] {
  if (groups.length <= MAX_ROWS) return groups;
  const fromEnd = dimension === 'day';
  const shown = fromEnd ? groups.slice(1 - MAX_ROWS) : groups.slice(0, MAX_ROWS - 1);
  const others = { key: `(${grouped(groups.length - shown.length)} others)`, ...noTotals() };
  for (const group of groups) if (!shown.includes(group)) addTotals(others, group);
  return fromEnd ? [others, ...shown] : [...shown, others];
}

function notes({ unpriced }: Totals, unreadable: number, silent: readonly Dimension[]): string[] {
  const missing = silent.filter((dimension) => dimension in TOLD_BY);
  const values = missing.map((dimension) => TOLD_BY[dimension]);
  return [
    unpriced > 0 &&
      `${counted(unpriced, 'call')} without a cost: the model has no known price, or the provider reported no usage.`,
    unreadable > 0 && `${counted(unreadable, 'record')} could not be read: run \`otel-langfuse spool verify\`.`,
    missing.length > 0 &&
      `No ${missing.join(', ')}: run calls inside \`withLlmContext({ ${values.join(', ')} }, ...)\` to see who and what they are for.`,
  ].filter((line) => line !== false);
}

/** Rounded to what matters beside `scale`: a millionth below a dollar, a cent from a hundred. Exact amounts: JSON and CSV. */
function dollars(amount: Money, scale: Money): string {
  const dollar = 10n ** 15n;
  const decimals = scale < dollar ? 6 : scale < 100n * dollar ? 4 : 2;
  const unit = 10n ** BigInt(15 - decimals);
  const [whole = '0', fraction = ''] = formatUsd(scaleMoney(amount, 1n, unit) * unit).split('.');
  return `$${BigInt(whole).toLocaleString('en-US')}.${fraction.padEnd(decimals, '0')}`;
}

function bold(text: string): string {
  return `\u001B[1m${text}\u001B[22m`;
}
