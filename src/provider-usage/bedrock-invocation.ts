import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, defined } from '../util/json-read.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * What Bedrock counts beside a model's own response: `amazon-bedrock-invocationMetrics` in the last chunk of a stream, and
 * the same counts in the headers of a plain response. Input is the fresh one only.
 */
export const bedrockInvocationUsage: UsageFormat = {
  id: 'aws.bedrock.invocation',
  read(metrics: JsonObject): ReportedUsage {
    return {
      ...defined({
        input: asCount(metrics.inputTokenCount),
        output: asCount(metrics.outputTokenCount),
        cacheRead: asCount(metrics.cacheReadInputTokenCount),
        cacheWrite: asCount(metrics.cacheWriteInputTokenCount),
      }),
      inputIncludes: { cacheRead: false, cacheWrite: false },
      outputIncludes: { reasoning: true },
    };
  },
};
