import type { Json, JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asString, defined } from '../util/json-read.ts';
import { readModalities } from './google-modalities.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * `usageMetadata` of Gemini and Vertex AI. The prompt includes what was cached; thoughts and what tools gave the model to
 * read stand beside candidates and prompt. Video and documents cost what text does and stay in the prompt.
 * @see https://ai.google.dev/api/generate-content#UsageMetadata
 */
export const googleGenerateContentUsage: UsageFormat = {
  id: 'google.generate_content',
  read(usage: JsonObject): ReportedUsage {
    const prompt = readModalities(usage.promptTokensDetails);
    const cached = readModalities(usage.cacheTokensDetails);
    const candidates = readModalities(usage.candidatesTokensDetails);
    return {
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: false },
      ...defined({
        input: asCount(usage.promptTokenCount),
        toolUsePrompt: asCount(usage.toolUsePromptTokenCount),
        output: asCount(usage.candidatesTokenCount),
        total: asCount(usage.totalTokenCount),
        cacheRead: asCount(usage.cachedContentTokenCount),
        inputText: prompt.TEXT,
        inputAudio: prompt.AUDIO,
        inputImage: prompt.IMAGE,
        cacheReadAudio: cached.AUDIO,
        inputImageCached: cached.IMAGE,
        reasoning: asCount(usage.thoughtsTokenCount),
        outputText: candidates.TEXT,
        outputAudio: candidates.AUDIO,
        outputImage: candidates.IMAGE,
        serviceTier: readTrafficType(usage.trafficType) ?? asString(usage.serviceTier),
      }),
    };
  },
};

/** How Vertex AI served the call, by number where the client asks for that. */
const TRAFFIC_TYPES = [undefined, 'ON_DEMAND', 'PROVISIONED_THROUGHPUT'] as const;

function readTrafficType(value: Json | undefined): string | undefined {
  return asString(value) ?? TRAFFIC_TYPES[asCount(value) ?? 0];
}
