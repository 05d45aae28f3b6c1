import type { Problem } from '../model/problem.ts';
import { isReasoningInside, reasoningOf, type ReportedUsage, wholeInput } from '../model/reported-usage.ts';
import type { DisjointUsage, UsageBucket, UsageDetails } from '../model/usage.ts';
import { defined } from '../util/json-read.ts';

type Count = number | undefined;
type Buckets = { [K in UsageBucket]?: Count };
type Parts = Buckets & { search_units?: Count };

/**
 * Splits what a provider reported into buckets that share no token, so that their sum is the bill. Tokens are
 * subtracted here and in `reasoningOf` only. Where the parts a provider states exceed the whole they are parts of, the
 * whole holds, the last parts are cut, and a `negative-bucket` problem says so.
 *
 * Buckets of 0 are left out, but `input` and `output` stay where they were stated.
 */
export function toDisjointUsage(reported: ReportedUsage): DisjointUsage {
  const problems: Problem[] = [];
  if (!reported.parts?.length) {
    const usage = split(reported, problems);
    return { usage, parts: [{ usage }], problems };
  }
  const parts = reported.parts.map(({ label, model, usage }) => ({
    ...defined({ label, model }),
    usage: split(usage, problems),
  }));
  return { usage: sum(parts.map((part) => part.usage)), parts, problems };
}

function split(reported: ReportedUsage, problems: Problem[]): UsageDetails {
  const onlyTotal = wholeInput(reported) === undefined && reported.output === undefined && reported.total !== undefined;
  if (onlyTotal) problems.push({ code: 'only-total', message: `only a total was stated: taken as input` });
  const buckets = onlyTotal
    ? { input: reported.total }
    : Object.assign(splitInput(reported, problems), splitOutput(reported, problems));
  const usage = sum([buckets, { search_units: reported.units?.search_units }]);
  if (reported.total !== undefined && reported.total !== usage.total)
    problems.push({
      code: 'total-mismatch',
      message: `the provider's total ${reported.total} is not the sum of its parts ${usage.total}`,
    });
  return usage;
}

function splitInput(reported: ReportedUsage, problems: Problem[]): Buckets {
  const { inputIncludes, cacheReadAudio, cacheReadImage, inputImageCached } = reported;
  const cacheRead = carve('input_cached_tokens', reported.cacheRead, problems, {
    input_cached_audio_tokens: cacheReadAudio,
    input_cached_image_tokens: cacheReadImage,
  });
  const cacheWrite = splitCacheWrite(reported, problems);
  // Modality counts include the cached tokens of that modality.
  const audio = carve('input_audio_tokens', reported.inputAudio, problems, {
    input_cached_audio_tokens: cacheReadAudio,
  });
  const image = carve('input_image_tokens', reported.inputImage, problems, {
    input_cached_image_tokens: cacheReadImage ?? inputImageCached,
  });
  const inside: Buckets = Object.assign(
    {},
    inputIncludes.cacheRead && cacheRead,
    inputIncludes.cacheWrite && cacheWrite,
    {
      input_audio_tokens: audio.input_audio_tokens,
      input_image_tokens: image.input_image_tokens,
      input_video_tokens: reported.inputVideo,
    },
  );
  return Object.assign({}, cacheRead, cacheWrite, carve('input', wholeInput(reported), problems, inside));
}

/** Writes whose lifetime is not stated are five-minute ones, the default everywhere. */
function splitCacheWrite(reported: ReportedUsage, problems: Problem[]): Buckets {
  const { cacheWrite, cacheWrite5m, cacheWrite1h } = reported;
  if (cacheWrite === undefined) return { input_cache_creation: cacheWrite5m, input_cache_creation_1h: cacheWrite1h };
  if (cacheWrite5m !== undefined && cacheWrite5m + (cacheWrite1h ?? 0) !== cacheWrite)
    problems.push({
      code: 'cache-write-mismatch',
      message: `cache writes of ${cacheWrite5m} (5 minutes) and ${cacheWrite1h ?? 0} (1 hour) are not the stated ${cacheWrite}`,
    });
  return carve('input_cache_creation', cacheWrite, problems, { input_cache_creation_1h: cacheWrite1h });
}

function splitOutput(reported: ReportedUsage, problems: Problem[]): Buckets {
  const reasoning: Buckets = { output_reasoning_tokens: reasoningOf(reported) };
  const inside: Buckets = Object.assign({}, isReasoningInside(reported) && reasoning, {
    output_audio_tokens: reported.outputAudio,
    output_image_tokens: reported.outputImage,
  });
  return Object.assign({}, reasoning, carve('output', reported.output, problems, inside));
}

/** Takes the parts out of the whole they are inside of; the rest is the bucket named `rest`. */
function carve(rest: UsageBucket, whole: Count, problems: Problem[], parts: Buckets): Buckets {
  if (whole === undefined) return parts;
  const result: Buckets = {};
  let remaining = whole;
  let stated = 0;
  for (const [bucket, count = 0] of Object.entries(parts) as [UsageBucket, Count][]) {
    stated += count;
    result[bucket] = Math.min(count, remaining);
    remaining -= result[bucket];
  }
  if (stated > whole)
    problems.push({
      code: 'negative-bucket',
      message: `${rest} would be ${whole - stated}: its parts (${describe(parts)}) exceed the whole ${whole}`,
    });
  result[rest] = remaining;
  return result;
}

function describe(parts: Buckets): string {
  return Object.entries(parts)
    .filter(([, count]) => count)
    .map(([bucket, count]) => `${bucket} ${count}`)
    .join(', ');
}

/** The order in which buckets are shown. */
const ORDER: readonly UsageBucket[] = [
  'input',
  'input_cached_tokens',
  'input_cached_audio_tokens',
  'input_cached_image_tokens',
  'input_cache_creation',
  'input_cache_creation_1h',
  'input_audio_tokens',
  'input_image_tokens',
  'input_video_tokens',
  'output',
  'output_reasoning_tokens',
  'output_audio_tokens',
  'output_image_tokens',
];

function sum(all: readonly Parts[]): UsageDetails {
  const usage: UsageDetails = {};
  let total = 0;
  for (const bucket of ORDER) {
    const count = sumOf(bucket, all);
    if (count === undefined) continue;
    if (count > 0 || bucket === 'input' || bucket === 'output') usage[bucket] = count;
    total += count;
  }
  const searchUnits = sumOf('search_units', all) ?? 0;
  if (searchUnits === 0 || total > 0) usage.total = total;
  if (searchUnits > 0) usage.search_units = searchUnits;
  return usage;
}

/** `undefined` where none of them states it. */
function sumOf(name: keyof Parts, all: readonly Parts[]): Count {
  let whole: Count;
  for (const { [name]: count } of all) if (count !== undefined) whole = (whole ?? 0) + count;
  return whole;
}
