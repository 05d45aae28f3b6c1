import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, defined } from '../util/json-read.ts';

/**
 * What Perplexity states besides the fields of OpenAI: the pages its search gave the model to read, at the price of
 * input, its searches, and reasoning that is no part of the completion. Its total leaves all of these out.
 * `undefined` if there are none.
 * @see https://docs.perplexity.ai/getting-started/pricing
 */
export function readPerplexityExtras(usage: JsonObject): Partial<ReportedUsage> | undefined {
  const citations = asCount(usage.citation_tokens);
  const searches = asCount(usage.num_search_queries);
  if (citations === undefined && searches === undefined) return undefined;
  return {
    ...defined({
      toolUsePrompt: citations,
      serverTools: searches ? { web_search_requests: searches } : undefined,
    }),
    outputIncludes: { reasoning: false },
  };
}
