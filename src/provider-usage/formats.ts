import type { RawUsage, ReportedUsage } from '../model/reported-usage.ts';
import { anthropicMessagesUsage } from './anthropic-messages.ts';
import { bedrockConverseUsage } from './bedrock-converse.ts';
import { bedrockInvocationUsage } from './bedrock-invocation.ts';
import { cohereUsage } from './cohere.ts';
import { googleEmbeddingsUsage, googlePredictUsage } from './google-embeddings.ts';
import { googleGenerateContentUsage } from './google-generate-content.ts';
import { googleInteractionsUsage } from './google-interactions.ts';
import { googleOpenaiChatUsage } from './google-openai-chat.ts';
import { googleLiveUsage } from './google-live.ts';
import { mistralConversationsUsage } from './mistral-conversations.ts';
import { ollamaUsage } from './ollama.ts';
import { openaiChatUsage } from './openai-chat.ts';
import { openaiEmbeddingsUsage } from './openai-embeddings.ts';
import { openaiImagesUsage } from './openai-images.ts';
import { openaiRealtimeUsage } from './openai-realtime.ts';
import { openaiResponsesUsage } from './openai-responses.ts';
import { openaiSpeechUsage } from './openai-speech.ts';
import { openaiTranscriptionUsage } from './openai-transcription.ts';
import type { UsageFormat } from './usage-format.ts';

/** Every usage object we can read. A new one is a file and a row here. */
const FORMATS: ReadonlyMap<string, UsageFormat> = new Map(
  [
    openaiChatUsage,
    openaiResponsesUsage,
    openaiEmbeddingsUsage,
    anthropicMessagesUsage,
    openaiImagesUsage,
    openaiTranscriptionUsage,
    openaiSpeechUsage,
    openaiRealtimeUsage,
    bedrockConverseUsage,
    bedrockInvocationUsage,
    googleGenerateContentUsage,
    googleEmbeddingsUsage,
    googlePredictUsage,
    googleInteractionsUsage,
    googleOpenaiChatUsage,
    googleLiveUsage,
    cohereUsage,
    mistralConversationsUsage,
    ollamaUsage,
  ].map((format) => [format.id, format]),
);

export function usageFormatIds(): string[] {
  return [...FORMATS.keys()];
}

/** Reads a usage object by its format; `undefined` if the format is unknown or the object states no usage. */
export function readUsage(raw: RawUsage): ReportedUsage | undefined {
  const usage = FORMATS.get(raw.format)?.read(raw.body);
  return usage && statesSomething(usage) ? usage : undefined;
}

function statesSomething(usage: ReportedUsage): boolean {
  const { input, output, total, units, billedUsd, parts } = usage;
  return [input, output, total, units, billedUsd, parts].some((value) => value !== undefined);
}
