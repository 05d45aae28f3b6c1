import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import type { UsageFormat } from './usage-format.ts';
import { readInputDetails, readOutputDetails } from './usage-details.ts';

/**
 * The Responses API.
 * @see https://platform.openai.com/docs/api-reference/responses/object
 */
export const openaiResponsesUsage: UsageFormat = {
  id: 'openai.responses',
  read(usage: JsonObject): ReportedUsage {
    return {
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: 'by-total' },
      ...readInputDetails(usage.input_tokens_details),
      ...readOutputDetails(usage.output_tokens_details),
      ...defined({
        input: asCount(usage.input_tokens),
        output: asCount(usage.output_tokens),
        total: asCount(usage.total_tokens),
        billedUsd: readBilledUsd(usage),
      }),
    };
  },
};
