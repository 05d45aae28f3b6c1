import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asString, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import { readPerplexityExtras } from './perplexity.ts';
import type { UsageFormat } from './usage-format.ts';
import { firstCount, readInputDetails, readOutputDetails } from './usage-details.ts';

/**
 * Chat completions and legacy completions, of OpenAI and of the vendors that copy it.
 * @see https://platform.openai.com/docs/api-reference/chat/object
 */
export const openaiChatUsage: UsageFormat = {
  id: 'openai.chat',
  read(usage: JsonObject): ReportedUsage {
    // Without the plural: Writer.
    const inputDetails = readInputDetails(usage.prompt_tokens_details ?? usage.prompt_token_details);
    const outputDetails = readOutputDetails(usage.completion_tokens_details ?? usage.completion_token_details);
    const extras = readPerplexityExtras(usage);
    return {
      inputIncludes: { cacheRead: true, cacheWrite: true },
      // OpenAI counts reasoning as completion, xAI beside it; their totals tell them apart.
      outputIncludes: { reasoning: 'by-total' },
      ...inputDetails,
      ...outputDetails,
      ...defined({
        input: asCount(usage.prompt_tokens),
        output: asCount(usage.completion_tokens),
        total: extras ? undefined : asCount(usage.total_tokens),
        cacheRead: firstCount(
          inputDetails.cacheRead,
          usage.prompt_cache_hit_tokens, // DeepSeek
          usage.cached_tokens, // Together, Moonshot
          usage.num_cached_tokens, // Mistral
        ),
        reasoning: firstCount(outputDetails.reasoning, usage.reasoning_tokens), // at the top: Perplexity, SGLang
        serviceTier: asString(usage.service_tier), // Mistral; others state it beside the usage
        searchContext: asString(usage.search_context_size), // Perplexity
        billedUsd: readBilledUsd(usage),
      }),
      ...extras,
    };
  },
};
