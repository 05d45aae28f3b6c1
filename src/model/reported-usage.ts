import type { JsonObject } from './json.ts';

/**
 * Usage as the provider stated it, before anything is subtracted. All counts are tokens.
 * A count the provider did not state is `undefined`, never 0.
 */
export interface ReportedUsage {
  /** Prompt tokens; {@link ReportedUsage.inputIncludes} says what is inside this count. */
  input?: number;
  /** Input beside `input`: what tools that ran at the provider gave the model to read. Fresh, at the price of input. */
  toolUsePrompt?: number;
  /** Completion tokens; {@link ReportedUsage.outputIncludes} says what is inside this count. */
  output?: number;
  /** The provider's own total, used to decide what is inside and to check the buckets. */
  total?: number;

  cacheRead?: number;
  /** Cache writes of all lifetimes. */
  cacheWrite?: number;
  /** The part of `cacheWrite` kept for five minutes. */
  cacheWrite5m?: number;
  /** The part of `cacheWrite` kept for one hour. */
  cacheWrite1h?: number;

  inputText?: number;
  inputAudio?: number;
  inputImage?: number;
  inputVideo?: number;
  /** The parts of `cacheRead` by modality: they are inside both `cacheRead` and `inputAudio`/`inputImage`. */
  cacheReadAudio?: number;
  cacheReadImage?: number;
  /** The part of `inputImage` that was cached, where it costs what cached text does and needs no bucket of its own. */
  inputImageCached?: number;

  reasoning?: number;
  outputText?: number;
  outputAudio?: number;
  outputImage?: number;
  /** Speculative tokens. They are inside `output` and billed as such; kept for display. */
  acceptedPrediction?: number;
  rejectedPrediction?: number;

  /** What `input` contains. */
  inputIncludes: { cacheRead: boolean; cacheWrite: boolean };
  /** Whether `output` contains `reasoning`; `by-total` decides by the provider's total (else inside). */
  outputIncludes: { reasoning: boolean | 'by-total' };

  /** Reasoning is stated nowhere but in `total`: it is what input and output leave of it. */
  reasoningIsRest?: true;

  /** Billable calls of provider-side tools by name, e.g. `web_search_requests`: 1. */
  serverTools?: Record<string, number>;
  /** Billable units other than tokens by name, e.g. `characters`, `seconds`, `images`, `search_units`. */
  units?: Record<string, number>;

  /** The service tier that served the call, as the provider names it (`priority`, `flex`, `batch`, ...). */
  serviceTier?: string;
  /** Where inference ran, as the provider names it (Anthropic `inference_geo`). */
  inferenceGeo?: string;
  /** How fast it was served: Anthropic `speed` (`standard`, `fast`), Bedrock latency (`standard`, `optimized`). */
  speed?: string;
  /** How much the provider's search engine read for the answer: `low`, `medium`, `high`. */
  searchContext?: string;
  /** Money the provider reports, exact decimal text in USD. It wins over any price table. */
  billedUsd?: string;
  /**
   * What whoever made the span reckons that the call cost, from prices of its own: exact decimal text in USD. It knows
   * nothing of tiers and little of caches, so it holds only where no price is known here.
   */
  reckonedUsd?: string;

  /**
   * Usage by the model that spent it, where one response was made by several (Anthropic `iterations[]`).
   * When present, the parts are the bill and the counts above are only the provider's headline.
   */
  parts?: UsagePart[];

  /** Input, output or both were counted by us, because the provider reported none. */
  estimated?: boolean;
  /** What was counted and how, e.g. `output: tiktoken o200k_base`. */
  estimateMethod?: string;
}

/** All prompt tokens that were stated. */
export function wholeInput({ input, toolUsePrompt }: ReportedUsage): number | undefined {
  return toolUsePrompt === undefined ? input : (input ?? 0) + toolUsePrompt;
}

/** The reasoning tokens: as stated, or else what is left of the total where the provider counts them only there. */
export function reasoningOf({ reasoning, reasoningIsRest, input, output, total }: ReportedUsage): number | undefined {
  if (reasoning !== undefined || !reasoningIsRest || total === undefined) return reasoning;
  const rest = total - (input ?? 0) - (output ?? 0);
  return rest > 0 ? rest : undefined;
}

/** Whether `output` contains the reasoning tokens. More reasoning than output cannot be inside it. */
export function isReasoningInside(usage: ReportedUsage): boolean {
  const { input = 0, output = 0, total, outputIncludes } = usage;
  if (outputIncludes.reasoning !== 'by-total') return outputIncludes.reasoning;
  const reasoning = reasoningOf(usage) ?? 0;
  return total !== input + output + reasoning && reasoning <= output;
}

/**
 * Usage with counts of ours where the provider stated none. Its total is then of the stated counts only, and an input
 * that was counted is the whole prompt, cached or not.
 */
export function completeUsage(
  { total: _total, ...stated }: ReportedUsage,
  counted: Pick<ReportedUsage, 'input' | 'output' | 'estimateMethod'>,
): ReportedUsage {
  const isInputCounted = stated.input === undefined && counted.input !== undefined;
  return {
    ...counted,
    ...stated,
    ...(isInputCounted && { inputIncludes: { cacheRead: true, cacheWrite: true } }),
    estimated: true,
  };
}

export interface UsagePart {
  /** Why the provider ran it (`message`, `compaction`, `advisor_message`, ...). */
  label?: string;
  /** The model of this part, if it is not the call's own. */
  model?: string;
  usage: ReportedUsage;
}

/** The provider's usage object verbatim and the name of its format: what billing needs and the conventions cannot carry. */
export interface RawUsage {
  /** A key of the table in `provider-usage/formats.ts`, e.g. `openai.chat`. */
  format: string;
  body: JsonObject;
}
