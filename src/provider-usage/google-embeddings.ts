import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, asObjects, defined } from '../util/json-read.ts';
import { readModalities } from './google-modalities.ts';
import type { UsageFormat } from './usage-format.ts';

/** Nothing is cached and nothing is generated. */
const EMBEDDING = {
  inputIncludes: { cacheRead: true, cacheWrite: true },
  outputIncludes: { reasoning: true },
} as const;

/**
 * `usageMetadata` of `embedContent` and `batchEmbedContents`. Here every modality has a price of its own.
 * @see https://ai.google.dev/api/embeddings
 */
export const googleEmbeddingsUsage: UsageFormat = {
  id: 'google.embeddings',
  read(usage: JsonObject): ReportedUsage {
    const prompt = readModalities(usage.promptTokenDetails ?? usage.promptTokensDetails);
    return {
      ...defined({
        input: asCount(usage.promptTokenCount),
        total: asCount(usage.totalTokenCount),
        inputText: prompt.TEXT,
        inputAudio: prompt.AUDIO,
        inputImage: prompt.IMAGE,
        inputVideo: prompt.VIDEO,
      }),
      ...EMBEDDING,
    };
  },
};

/**
 * Embeddings by Vertex AI's `predict`: each prediction states its own tokens, the response the characters that older
 * models bill.
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export const googlePredictUsage: UsageFormat = {
  id: 'google.predict',
  read({ predictions, metadata }: JsonObject): ReportedUsage {
    const counts = asObjects(predictions)
      .map(({ embeddings }) => asCount(asObject(asObject(embeddings)?.statistics)?.token_count))
      .filter((count) => count !== undefined);
    const characters = asCount(asObject(metadata)?.billableCharacterCount);
    return {
      ...(counts.length > 0 && { input: counts.reduce((sum, count) => sum + count, 0) }),
      ...(characters !== undefined && { units: { characters } }),
      ...EMBEDDING,
    };
  },
};
