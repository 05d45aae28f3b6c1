import type { Problem } from './problem.ts';

/**
 * Disjoint usage buckets in tokens, named as Langfuse names usage details. Langfuse adds every `input*` key to the
 * input and every `output*` key to the output, so no token may be in two buckets.
 */
export interface UsageDetails {
  /** Fresh text input. */
  input?: number;
  input_cached_tokens?: number;
  input_cached_audio_tokens?: number;
  input_cached_image_tokens?: number;
  /** Cache writes kept five minutes, or of a provider with one lifetime only. */
  input_cache_creation?: number;
  input_cache_creation_1h?: number;
  input_audio_tokens?: number;
  input_image_tokens?: number;
  input_video_tokens?: number;
  /** Visible text output. */
  output?: number;
  output_reasoning_tokens?: number;
  output_audio_tokens?: number;
  output_image_tokens?: number;
  /** Sum of the tokens; absent from a usage that has none but only other units. */
  total?: number;
  /** Searches that a rerank is billed by. They are no tokens. */
  search_units?: number;
}

/** A key of {@link UsageDetails} that counts tokens. */
export type UsageBucket = Exclude<keyof UsageDetails, 'total' | 'search_units'>;

/** Usage of one model within a call: what a price applies to. */
export interface PricedPart {
  /** The model of this part, if it is not the call's own. */
  model?: string;
  label?: string;
  usage: UsageDetails;
}

/** The result of normalising a {@link ReportedUsage}: disjoint, with the sum of its parts. */
export interface DisjointUsage {
  usage: UsageDetails;
  /** One entry unless several models made the response. */
  parts: PricedPart[];
  problems: Problem[];
}
