import { describe, expect, test } from 'vitest';
import { aggregate, type Report } from '../../src/report/aggregate.ts';
import { printReport, type PrintOptions } from '../../src/report/print.ts';
import { DEFAULT_DIMENSIONS, type Dimension } from '../../src/report/spent-call.ts';
import { callRecord, type RecordedCall } from './call-record.ts';

const PLAIN: PrintOptions = { width: Number.POSITIVE_INFINITY, colour: false };

async function print(
  calls: readonly RecordedCall[],
  dimensions: readonly Dimension[] = DEFAULT_DIMENSIONS,
  options = PLAIN,
): Promise<string[]> {
  return printReport(await aggregate(calls.map(callRecord), dimensions), options).split('\n');
}

const usage = { input: 1200, input_cached_tokens: 30, output: 80, total: 1310 };

describe('printReport', () => {
  test('sums up, then a table for each dimension with only the columns that have numbers', async () => {
    const calls = [
      { model: 'gpt-5', usage, cost: '0.0123456', user: 'ada', feature: 'chat', session: 's1' },
      { model: 'gpt-5', failed: true, user: 'ada', feature: 'chat', session: 's1', at: '2026-03-16T00:00:00Z' },
    ];
    expect(await print(calls)).toEqual([
      '2 calls, 1,310 tokens, $0.012346 from 2026-03-14 to 2026-03-16 (UTC)',
      '',
      'model  calls  failed  input  cache read  output       cost',
      'gpt-5      2       1  1,200          30      80  $0.012346',
      '',
      'user  calls  failed  input  cache read  output       cost',
      'ada       2       1  1,200          30      80  $0.012346',
      '',
      'feature  calls  failed  input  cache read  output       cost',
      'chat         2       1  1,200          30      80  $0.012346',
      '',
      'session  calls  failed  input  cache read  output       cost',
      's1           2       1  1,200          30      80  $0.012346',
      '',
      'day         calls  failed  input  cache read  output       cost',
      '2026-03-14      1       0  1,200          30      80  $0.012346',
      '2026-03-16      1       1      0           0       0  $0.000000',
      '',
    ]);
  });

  test('says what is missing instead of printing tables of nothing', async () => {
    expect(await print([{ model: 'gpt-next', usage }], ['model', 'user', 'feature'])).toEqual([
      '1 call, 1,310 tokens, $0.000000 on 2026-03-14 (UTC)',
      '',
      'model     calls  unpriced  input  cache read  output       cost',
      'gpt-next      1         1  1,200          30      80  $0.000000',
      '',
      '1 call without a cost: the model has no known price, or the provider reported no usage.',
      'No user, feature: run calls inside `withLlmContext({ userId, feature }, ...)` to see who and what they are for.',
      '',
    ]);
  });

  test.each([
    ['0.000001', '$0.000001'],
    ['0.9999996', '$1.000000'],
    ['12.34567', '$12.3457'],
    ['1234567.895', '$1,234,567.90'],
  ])('a cost of %s is shown as %s', async (cost, shown) => {
    const [, , , row] = await print([{ model: 'm', usage, cost }], ['model']);
    expect(row?.split(' ').at(-1)).toBe(shown);
  });

  test('a long table ends with the sum of what it leaves out', async () => {
    const calls = Array.from({ length: 25 }, (_, index) => ({ usage, cost: `${25 - index}`, user: `user-${index}` }));
    const lines = await print(calls, ['user']);
    const rows = lines.slice(3, -1);
    expect(rows).toHaveLength(20);
    expect(rows[18]).toMatch(/^user-18 .*\$7\.00$/);
    expect(rows[19]).toMatch(/^\(6 others\) +6 .*\$21\.00$/);
  });

  test('of many days, the last ones are shown', async () => {
    const calls = Array.from({ length: 25 }, (_, index) => ({
      usage,
      cost: '1',
      at: `2026-03-${String(index + 1).padStart(2, '0')}T00:00:00Z`,
    }));
    const rows = (await print(calls, ['day'])).slice(3, -1);
    expect(rows[0]).toMatch(/^\(6 others\) +6 /);
    expect(rows[1]).toMatch(/^2026-03-07 /);
    expect(rows.at(-1)).toMatch(/^2026-03-25 /);
  });

  test('titles are bold where there is colour, and nothing is wider than the terminal', async () => {
    const lines = await print([{ model: 'm'.repeat(99), usage, cost: '1' }], ['model'], { width: 60, colour: true });
    expect(lines[2]).toBe(`\u001B[1mmodel${' '.repeat(14)}calls  input  cache read  output     cost\u001B[22m`);
    expect(lines[3]).toHaveLength(60);
  });

  test('records that could not be read are named', () => {
    const report: Report = {
      total: {
        calls: 0,
        errors: 0,
        unpriced: 0,
        cost: 0n,
        tokens: { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0, total: 0 },
      },
      by: {},
      unreadable: 3,
    };
    expect(printReport(report, PLAIN)).toBe(
      '0 calls, 0 tokens, $0.000000\n\n3 records could not be read: run `otel-langfuse spool verify`.\n',
    );
  });
});
