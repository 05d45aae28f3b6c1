import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UsageDetails } from '../../src/model/usage.ts';
import { type LedgerEntry, UsageLedger } from '../../src/usage/ledger.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

function usage(input: number, output: number, cached = 0): UsageDetails {
  return { input, ...(cached && { input_cached_tokens: cached }), output, total: input + cached + output };
}

function entry(spanId: string, parentSpanId?: string, reported?: UsageDetails): LedgerEntry {
  return { traceId, spanId, ...(parentSpanId && { parentSpanId }), ...(reported && { usage: reported }) };
}

describe('usage ledger', () => {
  test('a call on its own keeps what it reports', () => {
    const reported = usage(10, 5, 3);
    expect(new UsageLedger().own(entry('a', undefined, reported))).toBe(reported);
  });

  test('searches of a rerank are kept and take part in no sum', () => {
    const ledger = new UsageLedger();
    const searches: UsageDetails = { search_units: 2 };
    expect(ledger.own(entry('rerank', 'agent', searches))).toBe(searches);
    const reported = usage(10, 5);
    expect(ledger.own(entry('agent', undefined, reported))).toBe(reported);
  });

  test('an agent that sums its calls adds nothing', () => {
    const ledger = new UsageLedger();
    ledger.own(entry('call 1', 'agent', usage(10, 5)));
    ledger.own(entry('call 2', 'agent', usage(20, 7, 100)));
    expect(ledger.own(entry('agent', undefined, usage(30, 12, 100)))).toEqual({ total: 0 });
  });

  test('an agent counts what its traced calls do not, bucket by bucket', () => {
    const ledger = new UsageLedger();
    ledger.own(entry('call', 'agent', usage(10, 5, 100)));
    expect(ledger.own(entry('agent', undefined, usage(30, 5, 150)))).toEqual({
      input: 20,
      input_cached_tokens: 50,
      total: 70,
    });
  });

  test('a roll-up that does not know the cache is still a roll-up', () => {
    const ledger = new UsageLedger();
    ledger.own(entry('call', 'agent', usage(10, 5, 90)));
    expect(ledger.own(entry('agent', undefined, usage(100, 5)))).toEqual({ total: 0 });
  });

  test('spans without usage in between pass on what is below them', () => {
    const ledger = new UsageLedger();
    ledger.own(entry('call', 'http', usage(10, 5)));
    expect(ledger.own(entry('http', 'chain'))).toEqual({ total: 0 });
    expect(ledger.own(entry('elsewhere', 'chain'))).toBeUndefined();
    ledger.own(entry('chain', 'agent'));
    expect(ledger.own(entry('agent', undefined, usage(10, 5)))).toEqual({ total: 0 });
  });

  test('a child that comes after its parent gets only what the parent has not counted', () => {
    const ledger = new UsageLedger();
    expect(ledger.own(entry('agent', undefined, usage(100, 10)))).toEqual(usage(100, 10));
    expect(ledger.own(entry('late', 'agent', usage(60, 4)))).toEqual({ total: 0 });
    expect(ledger.own(entry('later', 'agent', usage(50, 8)))).toEqual({ input: 10, output: 2, total: 12 });
  });

  test('a span seen twice has the same usage twice', () => {
    const ledger = new UsageLedger();
    const first = ledger.own(entry('call', 'agent', usage(10, 5)));
    expect(ledger.own(entry('call', 'agent', usage(10, 5)))).toBe(first);
    expect(ledger.own(entry('agent', undefined, usage(10, 5)))).toEqual({ total: 0 });
  });

  test('traces do not mix', () => {
    const ledger = new UsageLedger();
    ledger.own(entry('call', 'agent', usage(10, 5)));
    const other = usage(10, 5);
    expect(ledger.own({ traceId: 'other', spanId: 'agent', usage: other })).toBe(other);
  });

  test('links that go in a circle end', () => {
    const ledger = new UsageLedger();
    ledger.own(entry('a', 'b', usage(1, 1)));
    ledger.own(entry('b', 'a', usage(2, 1)));
    ledger.own(entry('c', 'c', usage(2, 1)));
    expect(ledger.counters().spans).toBe(3);
  });

  test('memory is bounded in spans and age, and evictions are counted', () => {
    let now = 0;
    const ledger = new UsageLedger({ maxSpans: 100, maxAgeMs: 1000 }, () => now);
    for (let index = 0; index < 500; index++) {
      ledger.own({ traceId: `trace ${index}`, spanId: 's', usage: usage(1, 1) });
      expect(ledger.counters().spans).toBeLessThanOrEqual(100);
    }
    const { traces, evictedTraces } = ledger.counters();
    expect(traces).toBeGreaterThanOrEqual(90);
    expect(traces + evictedTraces).toBe(500);
    now = 5000;
    ledger.own({ traceId: 'new', spanId: 's', usage: usage(1, 1) });
    expect(ledger.counters()).toEqual({ traces: 1, spans: 1, evictedTraces: 500 });
  });

  test('one endless trace is bounded too, and forgets its oldest spans', () => {
    const ledger = new UsageLedger({ maxSpans: 100 });
    for (let index = 0; index < 500; index++) ledger.own(entry(`s${index}`, undefined, usage(1, 1)));
    expect(ledger.counters().spans).toBeLessThanOrEqual(100);
    ledger.own(entry('child', 'agent', usage(10, 5)));
    expect(ledger.own(entry('agent', undefined, usage(10, 5)))).toEqual({ total: 0 });
  });

  const counts = fc.record({ input: fc.nat(1000), cached: fc.nat(1000), output: fc.nat(1000) });
  /** Span i has a parent among the spans before it. */
  const tree = fc.array(fc.record({ parent: fc.nat(), reports: fc.option(counts, { nil: undefined }) }), {
    minLength: 1,
    maxLength: 12,
  });

  test('children first: the trace total is what a span reports or what is below it, whichever is more', () => {
    fc.assert(
      fc.property(tree, (spans) => {
        const ledger = new UsageLedger();
        const below = spans.map(() => ({ input: 0, output: 0 }));
        const counted = { input: 0, output: 0 };
        let expected = { input: 0, output: 0 };
        for (const [index, { parent, reports }] of [...spans.entries()].toReversed()) {
          const parentIndex = index === 0 ? undefined : parent % index;
          const own = ledger.own(
            entry(
              `s${index}`,
              parentIndex === undefined ? undefined : `s${parentIndex}`,
              reports && usage(reports.input, reports.output, reports.cached),
            ),
          );
          counted.input += (own?.input ?? 0) + (own?.input_cached_tokens ?? 0);
          counted.output += own?.output ?? 0;
          const mine = below[index] ?? expected;
          const weight = {
            input: Math.max(mine.input, (reports?.input ?? 0) + (reports?.cached ?? 0)),
            output: Math.max(mine.output, reports?.output ?? 0),
          };
          const above = parentIndex === undefined ? undefined : below[parentIndex];
          if (above) {
            above.input += weight.input;
            above.output += weight.output;
          } else expected = weight;
        }
        expect(counted).toEqual(expected);
      }),
    );
  });

  test('parents first gives the same total', () => {
    fc.assert(
      fc.property(tree, (spans) => {
        const total = (order: readonly number[]): number => {
          const ledger = new UsageLedger();
          return order.reduce((sum, index) => {
            const span = spans[index];
            const reports = span?.reports;
            const parent = index === 0 || !span ? undefined : `s${span.parent % index}`;
            const own = ledger.own(
              entry(`s${index}`, parent, usage(reports?.input ?? 0, reports?.output ?? 0, reports?.cached)),
            );
            return sum + (own?.total ?? 0);
          }, 0);
        };
        const order = spans.map((_, index) => index);
        expect(total(order)).toBe(total(order.toReversed()));
      }),
    );
  });
});
