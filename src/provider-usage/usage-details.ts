import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, defined } from '../util/json-read.ts';

/** The first of several places where vendors state the same count. */
export function firstCount(...values: unknown[]): number | undefined {
  for (const value of values) {
    const count = asCount(value);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The counts above 0, by name; `undefined` if there is none. */
export function countsAboveZero(
  stated: readonly (readonly [name: string, value: unknown])[],
): Record<string, number> | undefined {
  const counts: Record<string, number> = {};
  for (const [name, value] of stated) {
    const count = asCount(value);
    if (count) counts[name] = count;
  }
  return Object.keys(counts).length > 0 ? counts : undefined;
}

/** The breakdown of the input that OpenAI's APIs share, whatever the object around it is called. */
export function readInputDetails(value: unknown): Partial<ReportedUsage> {
  const details: JsonObject = asObject(value) ?? {};
  return defined({
    cacheRead: asCount(details.cached_tokens),
    cacheWrite: asCount(details.cache_write_tokens),
    inputText: asCount(details.text_tokens),
    inputAudio: asCount(details.audio_tokens),
    inputImage: asCount(details.image_tokens),
    inputVideo: asCount(details.video_tokens),
  });
}

/** The breakdown of the output that OpenAI's APIs share. */
export function readOutputDetails(value: unknown): Partial<ReportedUsage> {
  const details: JsonObject = asObject(value) ?? {};
  return defined({
    reasoning: asCount(details.reasoning_tokens),
    outputText: asCount(details.text_tokens),
    outputAudio: asCount(details.audio_tokens),
    outputImage: asCount(details.image_tokens),
    acceptedPrediction: asCount(details.accepted_prediction_tokens),
    rejectedPrediction: asCount(details.rejected_prediction_tokens),
  });
}
