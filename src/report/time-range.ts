/** Milliseconds since the epoch; `from` is inside, `to` is not. */
export interface TimeRange {
  from?: number;
  to?: number;
}

export function isWithin({ from, to }: TimeRange, time: number): boolean {
  return (from === undefined || time >= from) && (to === undefined || time < to);
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const AGO = /^(\d+)([mhdw])$/;
const DATE = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/i;

/** What {@link parseTime} reads. */
export const TIME_FORMATS = 'a date (2026-01-31), a time (2026-01-31T14:00Z) or a time ago (30m, 12h, 7d, 4w)';

/**
 * Reads a point in time; `undefined` if the text is none. Days are days in UTC, as on the providers' bills, and so are
 * times without a zone. A date as the end of a range includes that day.
 */
export function parseTime(text: string, edge: 'from' | 'to', now: number = Date.now()): number | undefined {
  const [, count, unit = ''] = AGO.exec(text) ?? [];
  if (count) return now - Number(count) * (UNITS_MS[unit] ?? 0);
  const [, date, time, zone = 'Z'] = DATE.exec(text) ?? [];
  if (!date || !isDay(date)) return undefined;
  if (time) return numberOrNone(Date.parse(`${date}${time}${zone}`));
  return Date.parse(`${date}T00:00:00Z`) + (edge === 'to' ? (UNITS_MS['d'] ?? 0) : 0);
}

/** JavaScript takes 31 February for 3 March. */
function isDay(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

function numberOrNone(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
