import type { JsonObject } from '../model/json.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { asObject, asString, defined } from '../util/json-read.ts';
import { openaiChatUsage } from './openai-chat.ts';
import type { UsageFormat } from './usage-format.ts';

/**
 * Chat completions of Gemini. `completion_tokens` leaves thoughts out, but the total has them; Vertex AI also states
 * them, and how the call was served.
 * @see https://ai.google.dev/gemini-api/docs/openai
 */
export const googleOpenaiChatUsage: UsageFormat = {
  id: 'google.openai_chat',
  read(usage: JsonObject): ReportedUsage {
    const google = asObject(asObject(usage.extra_properties)?.google);
    return {
      ...openaiChatUsage.read(usage),
      ...defined({ serviceTier: asString(google?.traffic_type) }),
      reasoningIsRest: true,
    };
  },
};
