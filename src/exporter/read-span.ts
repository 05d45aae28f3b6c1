import type { DialectReading, ObservationType } from '../dialect/dialect.ts';
import { readingOf } from '../dialect/wire-facts.ts';
import type { SpanView } from '../model/span.ts';
import type { DisjointUsage } from '../model/usage.ts';
import { toDisjointUsage } from '../usage/disjoint.ts';
import { guard } from '../util/guard.ts';
import { defined } from '../util/json-read.ts';
import { toSpanView } from './readable-span.ts';
import type { SelectedSpan } from './select.ts';

/** What the dialect of a span makes of it. */
export interface Reading {
  /** Absent where no dialect knows the span, or its reader failed. */
  reading?: DialectReading;
  disjoint?: DisjointUsage;
}

export interface ReadSpan extends SelectedSpan, Reading {
  view: SpanView;
}

/** Throws where the span itself cannot be read; a reader of its dialect that fails is only reported. */
export function readSpan(selected: SelectedSpan): ReadSpan {
  const { span, dialect } = selected;
  const view = toSpanView(span);
  const known =
    dialect &&
    guard('reading', () => {
      const reading = readingOf(dialect, view);
      return { reading, ...defined({ disjoint: disjointOf(reading) }) };
    });
  return { view, ...selected, ...known };
}

export function isCall(type: ObservationType): boolean {
  return type === 'generation' || type === 'embedding';
}

/** Whether it is a call that reports no usage: where it is sent without, Langfuse counts the tokens of its text. */
export function isSilent({ reading, disjoint }: Reading): boolean {
  return reading !== undefined && isCall(reading.type) && !disjoint;
}

function disjointOf({ call, stated }: DialectReading): DisjointUsage | undefined {
  if (stated?.usage) return { usage: stated.usage, parts: [{ usage: stated.usage }], problems: [] };
  return call?.usage && toDisjointUsage(call.usage);
}
