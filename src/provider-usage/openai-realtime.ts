import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asObject, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import type { UsageFormat } from './usage-format.ts';
import { readInputDetails, readOutputDetails } from './usage-details.ts';

/**
 * A response of the Realtime API. Every count of a kind of input includes what of it was cached.
 * @see https://platform.openai.com/docs/guides/realtime-costs
 */
export const openaiRealtimeUsage: UsageFormat = {
  id: 'openai.realtime',
  read(usage: JsonObject): ReportedUsage {
    const details = asObject(usage.input_token_details);
    const cached = asObject(details?.cached_tokens_details);
    return {
      ...readInputDetails(details),
      ...readOutputDetails(usage.output_token_details),
      ...defined({
        input: asCount(usage.input_tokens),
        output: asCount(usage.output_tokens),
        total: asCount(usage.total_tokens),
        cacheReadAudio: asCount(cached?.audio_tokens),
        cacheReadImage: asCount(cached?.image_tokens),
        billedUsd: readBilledUsd(usage),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: 'by-total' },
    };
  },
};
