import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asCount, defined } from '../util/json-read.ts';
import { readBilledUsd } from './billed-money.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * Speech: text in, audio out.
 * @see https://platform.openai.com/docs/api-reference/audio/speech-audio-done-event
 */
export const openaiSpeechUsage: UsageFormat = {
  id: 'openai.speech',
  read(usage: JsonObject): ReportedUsage {
    const output = asCount(usage.output_tokens);
    return {
      ...defined({
        input: asCount(usage.input_tokens),
        output,
        outputAudio: output,
        total: asCount(usage.total_tokens),
        billedUsd: readBilledUsd(usage),
      }),
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    };
  },
};
