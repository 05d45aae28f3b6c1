import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObjects, defined } from '../util/json-read.ts';
import { readModalities } from './google-modalities.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * The Interactions API: the counts of `generateContent` under other names.
 * @see https://ai.google.dev/api/interactions-api
 */
export const googleInteractionsUsage: UsageFormat = {
  id: 'google.interactions',
  read(usage: JsonObject): ReportedUsage {
    const input = readModalities(usage.input_tokens_by_modality);
    const cached = readModalities(usage.cached_tokens_by_modality);
    const output = readModalities(usage.output_tokens_by_modality);
    return {
      ...defined({
        input: asCount(usage.total_input_tokens),
        toolUsePrompt: asCount(usage.total_tool_use_tokens),
        output: asCount(usage.total_output_tokens),
        total: asCount(usage.total_tokens),
        cacheRead: asCount(usage.total_cached_tokens),
        inputText: input.TEXT,
        inputAudio: input.AUDIO,
        inputImage: input.IMAGE,
        cacheReadAudio: cached.AUDIO,
        inputImageCached: cached.IMAGE,
        reasoning: asCount(usage.total_thought_tokens),
        outputText: output.TEXT,
        outputAudio: output.AUDIO,
        outputImage: output.IMAGE,
        serverTools: readGrounding(usage.grounding_tool_count),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: false },
    };
  },
};

/** Names of the billed tools -> ours, where we have one. */
const TOOLS: ReadonlyMap<unknown, string> = new Map([
  ['google_search', 'web_search_requests'],
  ['google_maps', 'map_search_requests'],
]);

function readGrounding(counts: unknown): Record<string, number> | undefined {
  const used: Record<string, number> = {};
  for (const { type, count } of asObjects(counts)) {
    const requests = asCount(count);
    if (requests) used[TOOLS.get(type) ?? String(type)] = requests;
  }
  return Object.keys(used).length > 0 ? used : undefined;
}
