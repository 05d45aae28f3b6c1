import type { JsonObject } from '../../model/json.ts';
import type { ReportedUsage } from '../../model/reported-usage.ts';
import { asCount, defined } from '../../util/json-read.ts';

/** Usage as an app states it under Langfuse's names. */
export interface StatedUsage {
  usage: ReportedUsage;
  /** Counts under names that only the app knows. */
  others: Record<string, number>;
}

type Side = 'input' | 'output';
type PartField =
  | 'cacheRead'
  | 'cacheWrite5m'
  | 'cacheWrite1h'
  | 'inputAudio'
  | 'inputImage'
  | 'inputVideo'
  | 'reasoning'
  | 'outputAudio'
  | 'outputImage';

/** A part of a side, by the names that Langfuse, providers and LangChain have for it. */
interface PartRow {
  side: Side;
  names: readonly string[];
  /** Absent for what is billed as the rest of its side. */
  field?: PartField;
  /** Whether a {@link ReportedUsage} may have it beside its side. */
  mayBeBeside?: true;
}

const PARTS: readonly PartRow[] = [
  {
    side: 'input',
    field: 'cacheRead',
    names: ['input_cached_tokens', 'input_cache_read', 'input_cache_read_tokens', 'cache_read_input_tokens'],
    mayBeBeside: true,
  },
  {
    side: 'input',
    field: 'cacheWrite5m',
    names: [
      'input_cache_creation',
      'input_cache_creation_tokens',
      'input_cache_write_tokens',
      'cache_creation_input_tokens',
    ],
    mayBeBeside: true,
  },
  { side: 'input', field: 'cacheWrite1h', names: ['input_cache_creation_1h'], mayBeBeside: true },
  { side: 'input', field: 'inputAudio', names: ['input_audio_tokens', 'input_audio'] },
  { side: 'input', field: 'inputImage', names: ['input_image_tokens', 'input_image'] },
  { side: 'input', field: 'inputVideo', names: ['input_video_tokens', 'input_video'] },
  { side: 'input', names: ['input_text_tokens', 'input_text'] },
  { side: 'output', field: 'reasoning', names: ['output_reasoning_tokens', 'output_reasoning'], mayBeBeside: true },
  { side: 'output', field: 'outputAudio', names: ['output_audio_tokens', 'output_audio'] },
  { side: 'output', field: 'outputImage', names: ['output_image_tokens', 'output_image'] },
  { side: 'output', names: ['output_text_tokens', 'output_text'] },
  { side: 'output', names: ['output_accepted_prediction_tokens', 'output_rejected_prediction_tokens'] },
];

const KNOWN: ReadonlySet<string> = new Set(['input', 'output', 'total', ...PARTS.flatMap(({ names }) => names)]);

/** Whether the parts of a side are in the count of the side, too. */
type Inside = Readonly<Record<Side, boolean>>;

/** The first that adds up to the total is right. */
const READINGS: readonly Inside[] = [
  { input: false, output: false },
  { input: true, output: true },
  { input: true, output: false },
  { input: false, output: true },
];
const DISJOINT: Inside = { input: false, output: false };

/**
 * Reads counts under Langfuse's names. To Langfuse a token is in one count only; its wrapper of the OpenAI client writes
 * `input` and `output` with their parts inside all the same, and its LangChain handler takes the parts out. The total,
 * which both pass on from the provider, tells which it is. Without one, a token is in one count.
 */
export function readUsageDetails(details: JsonObject): StatedUsage | undefined {
  const counts = new Map<string, number>();
  for (const [name, value] of Object.entries(details)) {
    const count = asCount(value);
    if (count !== undefined) counts.set(name, count);
  }
  if (counts.size === 0) return undefined;
  const others = Object.fromEntries([...counts].filter(([name]) => !KNOWN.has(name)));
  const inside = READINGS.find((reading) => counts.get('total') === sumOf(counts, reading)) ?? DISJOINT;
  const parts = PARTS.flatMap(({ field, names }) => (field ? [[field, countOf(counts, names)] as const] : []));
  const usage: ReportedUsage = {
    ...defined(Object.fromEntries(parts) as Record<PartField, number | undefined>),
    ...defined({
      input: cutInput(counts, inside) ?? sideWith(counts, 'input', inside),
      output: sideWith(counts, 'output', inside),
      total: counts.size === 1 ? counts.get('total') : undefined,
    }),
    inputIncludes: { cacheRead: inside.input, cacheWrite: inside.input },
    outputIncludes: { reasoning: inside.output },
  };
  // What is inside a side already must not be added to it.
  return { usage, others: Object.fromEntries(Object.entries(others).filter(([name]) => !isWithin(name, inside))) };
}

/**
 * LangChain's Anthropic client before 1.0 had caches beside the input, and the handler takes them out of it all the same,
 * down to 0. The total, of which they are no part either, still tells the input.
 */
function cutInput(counts: Counts, inside: Inside): number | undefined {
  const total = counts.get('total');
  if (total === undefined || counts.get('input') !== 0 || total === sumOf(counts, inside)) return undefined;
  const input = total - sideSum(counts, 'output', inside);
  return input > 0 && input < sideSum(counts, 'input', inside) ? input : undefined;
}

type Counts = ReadonlyMap<string, number>;

function sumOf(counts: Counts, inside: Inside): number {
  return sideSum(counts, 'input', inside) + sideSum(counts, 'output', inside);
}

/** All tokens of a side. */
function sideSum(counts: Counts, side: Side, inside: Inside): number {
  const names = [...counts.keys()].filter((name) => name === side || (!inside[side] && sideOf(name) === side));
  return countOf(counts, names) ?? 0;
}

/** A side as a {@link ReportedUsage} has it: with those of its parts that it always contains. */
function sideWith(counts: Counts, side: Side, inside: Inside): number | undefined {
  const contained = PARTS.filter((part) => part.side === side && !part.mayBeBeside).flatMap(({ names }) => names);
  return countOf(counts, [side, ...(inside[side] ? [] : contained)]);
}

function countOf(counts: Counts, names: readonly string[]): number | undefined {
  const stated = names.map((name) => counts.get(name)).filter((count) => count !== undefined);
  return stated.length > 0 ? stated.reduce((sum, count) => sum + count, 0) : undefined;
}

function isWithin(name: string, inside: Inside): boolean {
  const side = sideOf(name);
  return side !== undefined && inside[side];
}

/** Langfuse goes by the beginning of the name. */
function sideOf(name: string): Side | undefined {
  const known = PARTS.find(({ names }) => names.includes(name));
  return known?.side ?? (name.startsWith('input') ? 'input' : name.startsWith('output') ? 'output' : undefined);
}
