import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import type { UsageFormat } from './usage-format.ts';
import { readInputDetails, readOutputDetails } from './usage-details.ts';

/**
 * Images. The output is image tokens, except what a breakdown says is text.
 * @see https://platform.openai.com/docs/api-reference/images/object
 */
export const openaiImagesUsage: UsageFormat = {
  id: 'openai.images',
  read(usage: JsonObject): ReportedUsage {
    const outputDetails = readOutputDetails(usage.output_tokens_details);
    const output = asCount(usage.output_tokens);
    return {
      ...readInputDetails(usage.input_tokens_details),
      ...outputDetails,
      ...defined({
        input: asCount(usage.input_tokens),
        output,
        outputImage: asObject(usage.output_tokens_details) ? outputDetails.outputImage : output,
        total: asCount(usage.total_tokens),
        billedUsd: readBilledUsd(usage),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
