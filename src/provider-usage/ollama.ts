import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, defined } from '../util/json-read.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * Ollama's counters. Former versions left out the input where all of it came from the cache.
 * @see https://docs.ollama.com/api/usage
 */
export const ollamaUsage: UsageFormat = {
  id: 'ollama',
  read(counters: JsonObject): ReportedUsage {
    return {
      ...defined({ input: asCount(counters.prompt_eval_count), output: asCount(counters.eval_count) }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
