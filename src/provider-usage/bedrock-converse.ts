import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, asObjects, defined } from '../util/json-read.ts';
import type { UsageFormat } from './usage-format.ts';
import { firstCount } from './usage-details.ts';

/**
 * Converse, and Nova's own format, which ends the names of the cache counts in `Count`. Its `inputTokens` are the fresh
 * ones only; its `totalTokens` contain the cached ones too.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export const bedrockConverseUsage: UsageFormat = {
  id: 'aws.bedrock.converse',
  read(usage: JsonObject): ReportedUsage {
    return {
      inputIncludes: { cacheRead: false, cacheWrite: false },
      outputIncludes: { reasoning: true },
      ...defined({
        input: asCount(usage.inputTokens),
        output: asCount(usage.outputTokens),
        total: asCount(usage.totalTokens),
        cacheRead: firstCount(usage.cacheReadInputTokens, usage.cacheReadInputTokenCount),
        cacheWrite: firstCount(usage.cacheWriteInputTokens, usage.cacheWriteInputTokenCount),
        cacheWrite5m: writtenFor('5m', usage),
        cacheWrite1h: writtenFor('1h', usage),
        serverTools: readServerTools(usage.serverToolUsage),
      }),
    };
  },
};

/** Cache writes of one lifetime, of which there may be several. */
function writtenFor(ttl: string, usage: JsonObject): number | undefined {
  const written = asObjects(usage.cacheDetails).filter((detail) => detail.ttl === ttl);
  const counts = written.map((detail) => asCount(detail.inputTokens)).filter((count) => count !== undefined);
  return counts.length > 0 ? counts.reduce((a, b) => a + b, 0) : undefined;
}

function readServerTools(value: unknown): Record<string, number> | undefined {
  const counts = Object.entries(asObject(value) ?? {}).flatMap(([name, used]): [string, number][] => {
    const count = asCount(used);
    return count ? [[name, count]] : [];
  });
  return counts.length > 0 ? Object.fromEntries(counts) : undefined;
}
