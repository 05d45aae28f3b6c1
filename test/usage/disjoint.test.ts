import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReportedUsage } from '../../src/model/reported-usage.ts';
import type { UsageDetails } from '../../src/model/usage.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';

const INSIDE: Pick<ReportedUsage, 'inputIncludes' | 'outputIncludes'> = {
  inputIncludes: { cacheRead: true, cacheWrite: true },
  outputIncludes: { reasoning: 'by-total' },
};
const BESIDE: typeof INSIDE = {
  inputIncludes: { cacheRead: false, cacheWrite: false },
  outputIncludes: { reasoning: true },
};
const THOUGHTS: typeof INSIDE = {
  inputIncludes: { cacheRead: true, cacheWrite: true },
  outputIncludes: { reasoning: false },
};

test('searches of a rerank are no tokens: alone they have no total, beside tokens they are not in it', () => {
  const inside = { inputIncludes: { cacheRead: true, cacheWrite: true }, outputIncludes: { reasoning: true } };
  expect(toDisjointUsage({ units: { search_units: 2 }, ...inside }).usage).toEqual({ search_units: 2 });
  expect(toDisjointUsage({ input: 7, units: { search_units: 2 }, ...inside }).usage).toEqual({
    input: 7,
    total: 7,
    search_units: 2,
  });
});

describe('buckets', () => {
  const cases: [name: string, reported: ReportedUsage, usage: UsageDetails, problems: string[]][] = [
    [
      'cache and reasoning inside',
      { ...INSIDE, input: 2006, output: 300, total: 2306, cacheRead: 1920, cacheWrite: 50, reasoning: 100 },
      {
        input: 36,
        input_cached_tokens: 1920,
        input_cache_creation: 50,
        output: 200,
        output_reasoning_tokens: 100,
        total: 2306,
      },
      [],
    ],
    [
      'cache beside, writes by lifetime',
      {
        ...BESIDE,
        input: 105,
        output: 6039,
        cacheRead: 7123,
        cacheWrite: 7345,
        cacheWrite5m: 5000,
        cacheWrite1h: 2345,
      },
      {
        input: 105,
        input_cached_tokens: 7123,
        input_cache_creation: 5000,
        input_cache_creation_1h: 2345,
        output: 6039,
        total: 20_612,
      },
      [],
    ],
    [
      'what tools read beside the input, thoughts beside the output',
      { ...THOUGHTS, input: 893, output: 106, total: 5367, toolUsePrompt: 3056, reasoning: 1312 },
      { input: 3949, output: 106, output_reasoning_tokens: 1312, total: 5367 },
      [],
    ],
    [
      'reasoning that is only in the total',
      { ...INSIDE, input: 20, output: 198, total: 623, reasoningIsRest: true },
      { input: 20, output: 198, output_reasoning_tokens: 405, total: 623 },
      [],
    ],
    [
      'no reasoning in a total without a rest',
      { ...INSIDE, input: 20, output: 198, total: 218, reasoningIsRest: true },
      { input: 20, output: 198, total: 218 },
      [],
    ],
    [
      'what tools read, and nothing else',
      { ...THOUGHTS, toolUsePrompt: 12, output: 1 },
      { input: 12, output: 1, total: 13 },
      [],
    ],
    [
      'cached audio in a bucket of its own, cached images among the cached',
      {
        ...THOUGHTS,
        input: 1000,
        output: 1,
        cacheRead: 300,
        inputAudio: 400,
        inputImage: 258,
        cacheReadAudio: 150,
        inputImageCached: 58,
      },
      {
        input: 250,
        input_cached_tokens: 150,
        input_cached_audio_tokens: 150,
        input_audio_tokens: 250,
        input_image_tokens: 200,
        output: 1,
        total: 1001,
      },
      [],
    ],
    [
      'writes whose lifetimes do not add up',
      { ...BESIDE, input: 1231, output: 5, cacheRead: 0, cacheWrite: 1200, cacheWrite5m: 0, cacheWrite1h: 0 },
      { input: 1231, input_cache_creation: 1200, output: 5, total: 2436 },
      ['cache-write-mismatch'],
    ],
    [
      'writes stated by lifetime only',
      { ...BESIDE, input: 1, output: 1, cacheWrite1h: 7 },
      { input: 1, input_cache_creation_1h: 7, output: 1, total: 9 },
      [],
    ],
    [
      'reasoning beside the output, by the total',
      { ...INSIDE, input: 51_059, output: 577, total: 52_152, cacheRead: 51_008, reasoning: 516 },
      { input: 51, input_cached_tokens: 51_008, output: 577, output_reasoning_tokens: 516, total: 52_152 },
      [],
    ],
    [
      'more reasoning than output without a total',
      { ...INSIDE, input: 33, output: 7163, reasoning: 73_997 },
      { input: 33, output: 7163, output_reasoning_tokens: 73_997, total: 81_193 },
      [],
    ],
    [
      'modalities, with the cached part of the audio',
      {
        ...INSIDE,
        input: 10_000,
        output: 500,
        cacheRead: 3000,
        cacheReadAudio: 2000,
        inputAudio: 6000,
        outputAudio: 400,
      },
      {
        input: 3000,
        input_cached_tokens: 1000,
        input_cached_audio_tokens: 2000,
        input_audio_tokens: 4000,
        output: 100,
        output_audio_tokens: 400,
        total: 10_500,
      },
      [],
    ],
    [
      'parts that exceed the whole',
      { ...INSIDE, input: 20, output: 4, total: 24, cacheRead: 1, inputAudio: 2, reasoning: 3, outputAudio: 4 },
      {
        input: 17,
        input_cached_tokens: 1,
        input_audio_tokens: 2,
        output: 0,
        output_reasoning_tokens: 3,
        output_audio_tokens: 1,
        total: 24,
      },
      ['negative-bucket'],
    ],
    [
      'zeros that were stated',
      { ...INSIDE, input: 0, output: 0, total: 0, cacheRead: 0 },
      { input: 0, output: 0, total: 0 },
      [],
    ],
    ['input only', { ...INSIDE, input: 5, total: 5 }, { input: 5, total: 5 }, []],
    ['a total only', { ...INSIDE, total: 5 }, { input: 5, total: 5 }, ['only-total']],
    [
      'a total that does not fit',
      { ...INSIDE, input: 5, output: 5, total: 12 },
      { input: 5, output: 5, total: 10 },
      ['total-mismatch'],
    ],
    ['nothing', INSIDE, { total: 0 }, []],
  ];

  test.each(cases)('%s', (_name, reported, usage, problems) => {
    const disjoint = toDisjointUsage(reported);
    expect(disjoint.usage).toEqual(usage);
    expect(disjoint.parts).toEqual([{ usage }]);
    expect(disjoint.problems.map((problem) => problem.code)).toEqual(problems);
  });

  test('a response made by several models is the sum of its parts, each at its own model', () => {
    const { usage, parts } = toDisjointUsage({
      ...BESIDE,
      input: 1,
      output: 1,
      parts: [
        { label: 'message', usage: { ...BESIDE, input: 100, output: 10, reasoning: 4 } },
        {
          label: 'advisor_message',
          model: 'claude-opus-4-8',
          usage: { ...BESIDE, input: 20, output: 5, cacheRead: 7 },
        },
      ],
    });
    expect(usage).toEqual({ input: 120, input_cached_tokens: 7, output: 11, output_reasoning_tokens: 4, total: 142 });
    expect(parts).toEqual([
      { label: 'message', usage: { input: 100, output: 6, output_reasoning_tokens: 4, total: 110 } },
      {
        label: 'advisor_message',
        model: 'claude-opus-4-8',
        usage: { input: 20, input_cached_tokens: 7, output: 5, total: 32 },
      },
    ]);
  });
});

describe('whatever is reported', () => {
  const count = fc.option(fc.nat(10_000), { nil: undefined });
  const names = [
    'input',
    'output',
    'total',
    'cacheRead',
    'cacheWrite',
    'cacheWrite5m',
    'cacheWrite1h',
    'inputAudio',
    'inputImage',
    'inputVideo',
    'cacheReadAudio',
    'cacheReadImage',
    'reasoning',
    'outputAudio',
    'outputImage',
  ] as const;
  const reported = fc
    .tuple(
      fc.record(Object.fromEntries(names.map((name) => [name, count]))),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(true, false, 'by-total' as const),
    )
    .map(([counts, cacheRead, cacheWrite, reasoning]): ReportedUsage => {
      const stated = Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== undefined));
      return Object.assign(stated, { inputIncludes: { cacheRead, cacheWrite }, outputIncludes: { reasoning } });
    });

  test('buckets are counts that add up to the total', () => {
    fc.assert(
      fc.property(reported, (usage) => {
        const { total, ...buckets } = toDisjointUsage(usage).usage;
        for (const value of Object.values(buckets)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        expect(Object.values(buckets).reduce((sum, value) => sum + value, 0)).toBe(total);
      }),
    );
  });

  test('a whole that was stated is kept: its buckets add up to it and what stands beside it', () => {
    fc.assert(
      fc.property(reported, fc.nat(10_000), fc.nat(10_000), (counts, input, output) => {
        const { total: _total, ...parts } = counts;
        const all: ReportedUsage = {
          ...parts,
          input,
          output,
          inputIncludes: { cacheRead: true, cacheWrite: true },
          outputIncludes: { reasoning: true },
        };
        expect(toDisjointUsage(all).usage.total).toBe(input + output);
      }),
    );
  });

  test('without a problem every stated part is whole', () => {
    fc.assert(
      fc.property(reported, (counts) => {
        const { usage, problems } = toDisjointUsage(counts);
        if (problems.length > 0) return;
        expect(usage.output_reasoning_tokens ?? 0).toBe(counts.reasoning ?? 0);
        expect(usage.output_audio_tokens ?? 0).toBe(counts.outputAudio ?? 0);
        expect(usage.input_video_tokens ?? 0).toBe(counts.inputVideo ?? 0);
      }),
    );
  });
});
