import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, asNumber, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import type { UsageFormat } from './usage-format.ts';
import { readInputDetails } from './usage-details.ts';

/**
 * Transcriptions and translations: tokens, or for models billed by time the seconds of audio.
 * @see https://platform.openai.com/docs/api-reference/audio/json-object
 */
export const openaiTranscriptionUsage: UsageFormat = {
  id: 'openai.transcription',
  read(usage: JsonObject): ReportedUsage {
    const seconds = asNumber(usage.seconds);
    return {
      ...readInputDetails(usage.input_token_details),
      ...defined({
        input: asCount(usage.input_tokens),
        output: asCount(usage.output_tokens),
        total: asCount(usage.total_tokens),
        billedUsd: readBilledUsd(usage),
      }),
      ...(seconds !== undefined && { units: { seconds } }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
