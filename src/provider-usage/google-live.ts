import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { defined } from '../util/json-read.ts';
import { googleGenerateContentUsage } from './google-generate-content.ts';
import { readModalities } from './google-modalities.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * `usageMetadata` of one turn of the Live API: the counts of `generateContent`, with a response where that has
 * candidates. Thoughts stand beside it, though the total leaves them out, which is then no check of the sum. Video has a price of its own here.
 * @see https://ai.google.dev/api/live#usagemetadata
 */
export const googleLiveUsage: UsageFormat = {
  id: 'google.live',
  read(usage: JsonObject): ReportedUsage {
    const { responseTokenCount, responseTokensDetails, ...shared } = usage;
    const renamed = defined({
      candidatesTokenCount: responseTokenCount,
      candidatesTokensDetails: responseTokensDetails,
    });
    const { total, ...counts } = googleGenerateContentUsage.read({ ...shared, ...renamed });
    return {
      ...counts,
      ...defined({
        inputVideo: readModalities(usage.promptTokensDetails).VIDEO,
        total: counts.reasoning === undefined ? total : undefined,
      }),
    };
  },
};
