import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, defined } from '../util/json-read.ts';
import { countsAboveZero } from './usage-details.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * Mistral's conversations. What connectors (web search, ...) gave the model to read stands beside the prompt, and the
 * total has both.
 * @see https://docs.mistral.ai/agents/connectors
 */
export const mistralConversationsUsage: UsageFormat = {
  id: 'mistral.conversations',
  read(usage: JsonObject): ReportedUsage {
    const connectors = Object.entries(asObject(usage.connectors) ?? {});
    return {
      ...defined({
        input: asCount(usage.prompt_tokens),
        toolUsePrompt: asCount(usage.connector_tokens),
        output: asCount(usage.completion_tokens),
        total: asCount(usage.total_tokens),
        serverTools: countsAboveZero(connectors.map(([name, uses]) => [`${name}_requests`, uses])),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
