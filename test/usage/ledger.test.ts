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

/** Counts a span and says what is its own. */
function own(ledger: UsageLedger, counted: LedgerEntry): UsageDetails | undefined {
  ledger.count(counted);
  return ledger.own(counted);
}

const everything = (): UsageLedger => new UsageLedger({ isCorrectable: () => true });

describe('usage ledger', () => {
  test('a call on its own keeps what it reports', () => {
    const reported = usage(10, 5, 3);
    expect(own(new UsageLedger(), entry('a', undefined, reported))).toBe(reported);
  });

  test('searches of a rerank are kept and take part in no sum', () => {
    const ledger = new UsageLedger();
    const searches: UsageDetails = { search_units: 2 };
    expect(own(ledger, entry('rerank', 'agent', searches))).toBe(searches);
    const reported = usage(10, 5);
    expect(own(ledger, entry('agent', undefined, reported))).toBe(reported);
  });

  test('an agent that sums its calls adds nothing', () => {
    const ledger = new UsageLedger();
    ledger.count(entry('call 1', 'agent', usage(10, 5)));
    ledger.count(entry('call 2', 'agent', usage(20, 7, 100)));
    expect(own(ledger, entry('agent', undefined, usage(30, 12, 100)))).toEqual({ total: 0 });
  });

  test('an agent counts what its traced calls do not, bucket by bucket', () => {
    const ledger = new UsageLedger();
    ledger.count(entry('call', 'agent', usage(10, 5, 100)));
    expect(own(ledger, entry('agent', undefined, usage(30, 5, 150)))).toEqual({
      input: 20,
      input_cached_tokens: 50,
      total: 70,
    });
  });

  test('a roll-up that does not know the cache is still a roll-up', () => {
    const ledger = new UsageLedger();
    ledger.count(entry('call', 'agent', usage(10, 5, 90)));
    expect(own(ledger, entry('agent', undefined, usage(100, 5)))).toEqual({ total: 0 });
  });

  test('spans without usage in between pass on what is below them', () => {
    const ledger = new UsageLedger();
    ledger.count(entry('call', 'http', usage(10, 5)));
    expect(own(ledger, entry('http', 'chain'))).toEqual({ total: 0 });
    expect(own(ledger, entry('elsewhere', 'chain'))).toBeUndefined();
    ledger.count(entry('chain', 'agent'));
    expect(own(ledger, entry('agent', undefined, usage(10, 5)))).toEqual({ total: 0 });
  });

  test('a child that comes after its parent counts in full, and the parent is corrected', () => {
    const ledger = everything();
    const agent = entry('agent', undefined, usage(100, 10));
    expect(own(ledger, agent)).toBe(agent.usage);
    expect(ledger.count(entry('late', 'agent', usage(60, 4)))).toEqual(['agent']);
    expect(ledger.own(agent)).toEqual({ input: 40, output: 6, total: 46 });
    const later = entry('later', 'agent', usage(50, 8));
    expect(ledger.count(later)).toEqual(['agent']);
    expect([ledger.own(agent), ledger.own(later)]).toEqual([{ total: 0 }, later.usage]);
    expect(ledger.count(entry('latest', 'agent', usage(1, 1)))).toEqual([]);
    expect(ledger.counters()).toMatchObject({ corrections: 2, missedCorrections: 0, countedTwice: 0 });
  });

  test('a call that was given out without usage is corrected when a span below it has some', () => {
    const ledger = everything();
    expect(own(ledger, entry('wrapper'))).toBeUndefined();
    expect(ledger.count(entry('call', 'wrapper', usage(10, 5)))).toEqual(['wrapper']);
    expect(ledger.own(entry('wrapper'))).toEqual({ total: 0 });
  });

  test('links that come later connect what came before', () => {
    const ledger = everything();
    const agent = entry('agent', undefined, usage(100, 10));
    ledger.count(agent);
    expect(ledger.count(entry('call', 'step', usage(60, 4)))).toEqual([]);
    expect(ledger.count(entry('chain', 'agent'))).toEqual([]);
    expect(ledger.count(entry('step', 'chain'))).toEqual(['chain', 'agent']);
    expect(ledger.own(agent)).toEqual({ input: 40, output: 6, total: 46 });
  });

  test('where the parent cannot be corrected, a late child gets only what it has not counted', () => {
    const ledger = new UsageLedger();
    const agent = entry('agent', undefined, usage(100, 10));
    expect(own(ledger, agent)).toBe(agent.usage);
    expect(own(ledger, entry('late', 'agent', usage(60, 4)))).toEqual({ total: 0 });
    expect(own(ledger, entry('later', 'agent', usage(50, 8)))).toEqual({ input: 10, output: 2, total: 12 });
    expect(ledger.own(agent)).toBe(agent.usage);
    expect(ledger.counters()).toMatchObject({ corrections: 0, missedCorrections: 2, countedTwice: 0 });
  });

  test('what nobody can give up any more is known to count twice', () => {
    const ledger = new UsageLedger();
    ledger.count(entry('agent', undefined, usage(100, 10)));
    expect(own(ledger, entry('call', 'chain', usage(60, 4)))).toEqual(usage(60, 4));
    ledger.count(entry('chain', 'agent'));
    expect(ledger.counters()).toMatchObject({ missedCorrections: 1, countedTwice: 64 });
  });

  test('a span seen twice has the same usage twice', () => {
    const ledger = everything();
    const agent = entry('agent', undefined, usage(10, 5));
    ledger.count(agent);
    expect(ledger.count(entry('call', 'agent', usage(10, 5)))).toEqual(['agent']);
    const again = entry('call', 'agent', usage(10, 5));
    expect(ledger.count(again)).toEqual([]);
    expect(ledger.own(again), 'the very object, which is priced as a whole').toBe(again.usage);
    expect(ledger.count(entry('agent', undefined, usage(10, 5)))).toEqual([]);
    expect(ledger.own(agent)).toEqual({ total: 0 });
  });

  test('a span that comes again with more usage has that', () => {
    const ledger = everything();
    ledger.count(entry('agent', undefined, usage(100, 10)));
    ledger.count(entry('call', 'agent'));
    const update = entry('call', 'agent', usage(30, 5));
    expect(ledger.count(update)).toEqual(['agent']);
    expect(ledger.own(update)).toBe(update.usage);
    expect(ledger.own(entry('agent', undefined, usage(100, 10)))).toEqual(usage(70, 5));
  });

  test('traces do not mix', () => {
    const ledger = new UsageLedger();
    ledger.count(entry('call', 'agent', usage(10, 5)));
    const other = usage(10, 5);
    expect(own(ledger, { traceId: 'other', spanId: 'agent', usage: other })).toBe(other);
  });

  test('a link that closes a circle is none', () => {
    const ledger = everything();
    ledger.count(entry('a', 'b', usage(1, 1)));
    ledger.count(entry('b', 'a', usage(2, 1)));
    ledger.count(entry('c', 'c', usage(2, 1)));
    expect(['a', 'b', 'c'].map((id) => ledger.own(entry(id))?.total)).toEqual([2, 1, 3]);
  });

  test('spans of a trace without usage are remembered unless all below them has been seen', () => {
    const ledger = new UsageLedger();
    ledger.count({ ...entry('server'), isComplete: true });
    expect(ledger.counters().spans).toBe(0);
    ledger.count(entry('server'));
    expect(ledger.counters()).toMatchObject({ spans: 1, traces: 0 });
  });

  test('memory is bounded in spans and age, and evictions are counted', () => {
    let now = 0;
    const ledger = new UsageLedger({ limits: { maxSpans: 100, maxAgeMs: 1000 }, now: () => now });
    for (let index = 0; index < 500; index++) {
      ledger.count({ traceId: `trace ${index}`, spanId: 's', usage: usage(1, 1) });
      expect(ledger.counters().spans).toBeLessThanOrEqual(100);
    }
    const { traces, evictedTraces } = ledger.counters();
    expect(traces).toBeGreaterThanOrEqual(90);
    expect(traces + evictedTraces).toBe(500);
    now = 5000;
    ledger.count({ traceId: 'new', spanId: 's', usage: usage(1, 1) });
    expect(ledger.counters()).toMatchObject({ traces: 1, spans: 1, evictedTraces: 500 });
  });

  test('traces without usage give way to those that have some', () => {
    const ledger = new UsageLedger({ limits: { maxSpans: 100 } });
    ledger.count(entry('call', 'agent', usage(10, 5)));
    for (let index = 0; index < 500; index++) ledger.count({ traceId: `trace ${index}`, spanId: 's' });
    expect(ledger.counters()).toMatchObject({ traces: 1, evictedTraces: 0 });
    expect(own(ledger, entry('agent', undefined, usage(10, 5)))).toEqual({ total: 0 });
  });

  test('one endless trace is bounded too, and forgets its oldest spans', () => {
    const ledger = new UsageLedger({ limits: { maxSpans: 100 } });
    for (let index = 0; index < 500; index++) ledger.count(entry(`s${index}`, undefined, usage(1, 1)));
    expect(ledger.counters().spans).toBeLessThanOrEqual(100);
    ledger.count(entry('child', 'agent', usage(10, 5)));
    expect(own(ledger, entry('agent', undefined, usage(10, 5)))).toEqual({ total: 0 });
  });

  test('a chain of spans far deeper than any real one ends', () => {
    const ledger = everything();
    for (let index = 0; index < 5_000; index++) ledger.count(entry(`s${index}`, `s${index - 1}`, usage(1, 1)));
    expect(own(ledger, entry('s5000', 's4999', usage(1, 1)))).toEqual(usage(1, 1));
  });
});

/** A tree in the order of its spans, each below one before it. */
interface Sketch {
  parent: number;
  /** What it reports beyond the spans below it: `undefined` none at all, a roll-up if it is of 0. */
  reports: { rollsUp: boolean; input: number; cached: number; output: number } | undefined;
}

const count = fc.oneof(fc.constant(0), fc.nat(1000));
const sketches = fc.array(
  fc.record({
    parent: fc.nat(),
    reports: fc.option(fc.record({ rollsUp: fc.boolean(), input: count, cached: count, output: count }), {
      nil: undefined,
    }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** The spans of a trace; roll-ups repeat all that is below them, in full or as if they knew no cache. */
function entriesOf(spans: readonly Sketch[]): LedgerEntry[] {
  const result: LedgerEntry[] = [];
  const below = spans.map(() => ({ input: 0, cached: 0, output: 0 }));
  for (const [index, { parent, reports }] of [...spans.entries()].toReversed()) {
    const inner = below[index] ?? { input: 0, cached: 0, output: 0 };
    const mine = reports ?? { input: 0, cached: 0, output: 0, rollsUp: true };
    const sum = mine.rollsUp
      ? { input: inner.input + mine.input, cached: inner.cached + mine.cached, output: inner.output + mine.output }
      : mine;
    const parentIndex = index === 0 ? undefined : parent % index;
    const above = parentIndex === undefined ? undefined : below[parentIndex];
    if (above) {
      above.input += sum.input;
      above.cached += sum.cached;
      above.output += sum.output;
    }
    const parentId = parentIndex === undefined ? undefined : `s${parentIndex}`;
    result.push(entry(`s${index}`, parentId, reports && usage(sum.input, sum.output, sum.cached)));
  }
  return result;
}

/** What the trace comes to: of each span what it reports or what is below it, whichever is more. */
function expectedTotal(entries: readonly LedgerEntry[]): number {
  const weightOf = ({ spanId, usage: reported = {} }: LedgerEntry): { input: number; output: number } => {
    const below = entries.filter((child) => child.parentSpanId === spanId).map(weightOf);
    const input = below.reduce((sum, child) => sum + child.input, 0);
    const output = below.reduce((sum, child) => sum + child.output, 0);
    return {
      input: Math.max(input, (reported.input ?? 0) + (reported.input_cached_tokens ?? 0)),
      output: Math.max(output, reported.output ?? 0),
    };
  };
  return entries
    .filter(({ parentSpanId }) => parentSpanId === undefined)
    .map(weightOf)
    .reduce((sum, { input, output }) => sum + input + output, 0);
}

/** What each span was last given out with. */
function givenOut(order: readonly LedgerEntry[], ledger: UsageLedger): Map<string, UsageDetails | undefined> {
  const given = new Map<string, UsageDetails | undefined>();
  const known = new Map(order.map((one) => [one.spanId, one]));
  for (const one of order) {
    for (const spanId of [...ledger.count(one), one.spanId])
      given.set(spanId, ledger.own(known.get(spanId) ?? entry(spanId)));
  }
  return given;
}

function totalOf(given: Map<string, UsageDetails | undefined>): number {
  return [...given.values()].reduce((sum, details) => sum + (details?.total ?? 0), 0);
}

describe('conservation', () => {
  const trees = sketches.map(entriesOf);
  /** Its spans in any order, some of them more than once. */
  const arrivals = trees.chain((entries) =>
    fc.record({
      entries: fc.constant(entries),
      order: fc
        .tuple(
          fc.shuffledSubarray(entries, { minLength: entries.length }),
          fc.array(fc.constantFrom(...entries), { maxLength: 6 }),
        )
        .map(([all, again]) => [...all, ...again]),
    }),
  );

  test('children first: each token once', () => {
    fc.assert(
      fc.property(trees, (entries) => {
        expect(totalOf(givenOut(entries, new UsageLedger()))).toBe(expectedTotal(entries));
      }),
    );
  });

  test('any order, with repeats: each span ends with the usage that children first give it', () => {
    fc.assert(
      fc.property(arrivals, ({ entries, order }) => {
        const ledger = everything();
        const given = givenOut(order, ledger);
        expect(Object.fromEntries(given)).toEqual(Object.fromEntries(givenOut(entries, new UsageLedger())));
        expect(totalOf(given)).toBe(expectedTotal(entries));
        expect(ledger.counters()).toMatchObject({ missedCorrections: 0, countedTwice: 0 });
      }),
    );
  });

  test('any order, where only some spans can be corrected: the sum is right but for what is known to count twice', () => {
    fc.assert(
      fc.property(arrivals, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), ({ entries, order }, lasting) => {
        const ledger = new UsageLedger({ isCorrectable: ({ spanId }) => lasting[Number(spanId.slice(1))] === true });
        const total = totalOf(givenOut(order, ledger));
        expect(total - ledger.counters().countedTwice).toBe(expectedTotal(entries));
      }),
    );
  });

  test('parents first, where none can be corrected: the sum is right', () => {
    fc.assert(
      fc.property(trees, (entries) => {
        const ledger = new UsageLedger();
        expect(totalOf(givenOut(entries.toReversed(), ledger))).toBe(expectedTotal(entries));
        expect(ledger.counters().countedTwice).toBe(0);
      }),
    );
  });

  test('a ledger restored in the middle goes on as if nothing had been', () => {
    fc.assert(
      fc.property(arrivals, fc.nat(), ({ order }, where) => {
        const cut = where % (order.length + 1);
        const former = everything();
        const given = givenOut(order.slice(0, cut), former);
        const ledger = everything();
        for (const one of order.slice(0, cut)) ledger.restore(one, given.get(one.spanId));
        const resumed = new Map([...given, ...givenOut(order.slice(cut), ledger)]);
        for (const one of order) resumed.set(one.spanId, ledger.own(one));
        expect(Object.fromEntries(resumed)).toEqual(Object.fromEntries(givenOut(order, everything())));
      }),
    );
  });
});
