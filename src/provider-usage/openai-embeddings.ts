import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import type { UsageFormat } from './usage-format.ts';
import { firstCount } from './usage-details.ts';

/**
 * Embeddings. Nothing is generated, so a `completion_tokens` of 0 (Mistral, vLLM) is no output, and the total is the
 * input where only the total is stated (Voyage).
 * @see https://platform.openai.com/docs/api-reference/embeddings/create
 */
export const openaiEmbeddingsUsage: UsageFormat = {
  id: 'openai.embeddings',
  read(usage: JsonObject): ReportedUsage {
    return {
      ...defined({
        input: firstCount(usage.prompt_tokens, usage.total_tokens),
        total: asCount(usage.total_tokens),
        billedUsd: readBilledUsd(usage),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
