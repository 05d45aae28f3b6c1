import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatUsd, parseUsd } from '../../src/model/money.ts';
import { aggregate } from '../../src/report/aggregate.ts';
import { DEFAULT_DIMENSIONS, DIMENSIONS } from '../../src/report/spent-call.ts';
import { addTotals, noTotals, totalsJson } from '../../src/report/totals.ts';
import { spanOf } from '../support/span-view.ts';
import { callRecord, type RecordedCall } from './call-record.ts';

const tokens = (input: number, output: number): Record<string, number> => ({ input, output, total: input + output });
const CALLS: RecordedCall[] = [
  { model: 'gpt-5', usage: tokens(10, 5), cost: '0.1', user: 'ada', feature: 'search', at: '2026-03-13T23:59:59Z' },
  { model: 'gpt-5', usage: tokens(20, 5), cost: '0.2', user: 'grace', at: '2026-03-14T00:00:00Z' },
  { model: 'claude', usage: tokens(7, 1), cost: '0.7', user: 'ada', feature: 'search', at: '2026-03-14T09:00:00Z' },
  { model: 'claude', failed: true, user: 'ada', feature: 'chat', at: '2026-03-15T00:00:00Z' },
];
const RECORDS = CALLS.map(callRecord);
/** A call may have several tags. */
const ADDING_UP = DIMENSIONS.filter((dimension) => dimension !== 'tag');

describe('aggregate', () => {
  test('sums calls up by every dimension', async () => {
    const { total, by, days } = await aggregate(RECORDS, DEFAULT_DIMENSIONS);
    expect(total).toMatchObject({ calls: 4, errors: 1, unpriced: 0, tokens: { input: 37, output: 11, total: 48 } });
    expect(formatUsd(total.cost)).toBe('1');
    expect(days).toEqual({ first: '2026-03-13', last: '2026-03-15' });
    const short = Object.entries(by).map(([dimension, groups]) => [
      dimension,
      groups.map(({ key, calls, cost }) => [key, calls, formatUsd(cost)]),
    ]);
    expect(Object.fromEntries(short)).toEqual({
      model: [
        ['claude', 2, '0.7'],
        ['gpt-5', 2, '0.3'],
      ],
      user: [
        ['ada', 3, '0.8'],
        ['grace', 1, '0.2'],
      ],
      feature: [
        ['search', 2, '0.8'],
        [undefined, 1, '0.2'],
        ['chat', 1, '0'],
      ],
      session: [[undefined, 4, '1']],
      day: [
        ['2026-03-13', 1, '0.1'],
        ['2026-03-14', 2, '0.9'],
        ['2026-03-15', 1, '0'],
      ],
    });
  });

  test('takes only the calls that began in the range, its end excluded', async () => {
    const range = { from: Date.parse('2026-03-14T00:00:00Z'), to: Date.parse('2026-03-15T00:00:00Z') };
    const { total } = await aggregate(RECORDS, [], range);
    expect(total.calls).toBe(2);
  });

  test('takes the last record of a span that was sent again', async () => {
    const spanId = 'b7ad6b7169203331';
    const agent = callRecord({ spanId, type: 'agent', model: 'gpt-5', usage: tokens(20, 5), cost: '0.2' });
    const corrected = callRecord({ spanId, type: 'agent', model: 'gpt-5', usage: tokens(5, 0), cost: '0.05' });
    const emptied = callRecord({ spanId, type: 'agent', model: 'gpt-5', usage: { total: 0 }, cost: '0' });
    const records = [agent, ...RECORDS, corrected];
    const { total, by } = await aggregate(records, ['model']);
    expect(total).toMatchObject({ calls: 5, tokens: { input: 42, output: 11, total: 53 } });
    expect(formatUsd(total.cost)).toBe('1.05');
    expect(by.model?.map(({ key, calls }) => [key, calls])).toEqual([
      ['claude', 2],
      ['gpt-5', 3],
    ]);
    expect((await aggregate([...records, emptied], [])).total).toMatchObject({ calls: 4, tokens: { total: 48 } });
  });

  test('sums up by prompt, by trace and by tag, where a call is in the group of each of its tags', async () => {
    const records = [
      callRecord({ cost: '1', usage: tokens(1, 1), feature: 'search', prompt: 'qa' }),
      callRecord({ cost: '2', usage: tokens(1, 1), attributes: { 'langfuse.trace.tags': ['nightly', 'nightly'] } }),
      callRecord({ cost: '4', usage: tokens(1, 1) }),
    ];
    const { by, total } = await aggregate(records, ['tag', 'prompt', 'trace']);
    const costs = (groups: typeof by.tag): unknown => groups?.map(({ key, cost }) => [key, formatUsd(cost)]);
    expect(costs(by.tag)).toEqual([
      [undefined, '4'],
      ['nightly', '3'],
      ['feature:search', '1'],
    ]);
    expect(costs(by.prompt)).toEqual([
      [undefined, '6'],
      ['qa', '1'],
    ]);
    expect(by.trace).toEqual([{ key: spanOf({}).traceId, ...total }]);
  });

  test('counts what it cannot read', async () => {
    const { total, unreadable, days } = await aggregate(['{"resource":', '{}'], DEFAULT_DIMENSIONS);
    expect({ unreadable, calls: total.calls, days }).toEqual({ unreadable: 2, calls: 0, days: undefined });
  });

  test('a key may be called like anything an object has', async () => {
    const { by } = await aggregate([callRecord({ user: '__proto__' }), callRecord({ user: 'constructor' })], ['user']);
    expect(by.user?.map(({ key, calls }) => [key, calls])).toEqual([
      ['__proto__', 1],
      ['constructor', 1],
    ]);
  });

  const count = fc.nat(100_000);
  const name = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });
  const call: fc.Arbitrary<RecordedCall> = fc
    .record({
      names: fc.tuple(name, name, name, name),
      usage: fc.option(fc.record({ input: count, input_cached_tokens: count, output: count }), { nil: undefined }),
      picodollars: fc.option(fc.nat(), { nil: undefined }),
      failed: fc.boolean(),
      day: fc.integer({ min: 1, max: 5 }),
    })
    .map(({ names: [model, user, feature, session], usage, picodollars, failed, day }) => ({
      failed,
      at: `2026-03-0${day}T10:00:00Z`,
      ...(model && { model }),
      ...(user && { user }),
      ...(feature && { feature }),
      ...(session && { session }),
      ...(usage && { usage }),
      ...(picodollars !== undefined && { cost: formatUsd(BigInt(picodollars) * 1000n) }),
    }));

  test('the groups of every dimension but tags add up to the total, to the last digit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
        const { total, by } = await aggregate(calls.map(callRecord), ADDING_UP);
        for (const groups of Object.values(by)) {
          const sum = noTotals();
          for (const group of groups) addTotals(sum, group);
          expect(totalsJson(sum)).toEqual(totalsJson(total));
          expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('the total is what the calls say, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
        const { total } = await aggregate(calls.map(callRecord), []);
        const reversed = await aggregate(calls.toReversed().map(callRecord), []);
        const cost = calls.reduce((sum, { cost: amount }) => sum + (amount === undefined ? 0n : parseUsd(amount)), 0n);
        const input = calls.reduce((sum, { usage }) => sum + (usage?.['input'] ?? 0), 0);
        expect([total.cost, total.tokens.input]).toEqual([cost, input]);
        expect(reversed.total).toEqual(total);
      }),
      { numRuns: 50 },
    );
  });
});
