import { anthropicMessages } from './anthropic-messages.ts';
import { bedrockConverse } from './bedrock-converse.ts';
import { bedrockInvoke } from './bedrock-invoke.ts';
import { cohereChat } from './cohere-chat.ts';
import { cohereEmbed } from './cohere-embed.ts';
import { cohereGenerate } from './cohere-generate.ts';
import { cohereRerank } from './cohere-rerank.ts';
import { googleEmbeddings } from './google-embeddings.ts';
import { googleGenerateContent } from './google-generate-content.ts';
import { googleInteractions } from './google-interactions.ts';
import { googleOpenaiChat } from './google-openai-chat.ts';
import { mistralConversations } from './mistral-conversations.ts';
import { ollamaChat } from './ollama-chat.ts';
import { ollamaEmbed } from './ollama-embed.ts';
import { ollamaGenerate } from './ollama-generate.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiCompletions } from './openai-completions.ts';
import { openaiEmbeddings } from './openai-embeddings.ts';
import { openaiImages } from './openai-images.ts';
import { openaiModerations } from './openai-moderations.ts';
import { openaiResponses } from './openai-responses.ts';
import { openaiSpeech } from './openai-speech.ts';
import { openaiTranscription } from './openai-transcription.ts';
import type { Protocol } from './protocol.ts';
import { vertexAnthropic, vertexChat } from './vertex-raw-predict.ts';

/** Every wire protocol we can read; the first that matches wins. A new one is a file and a row here. */
export const PROTOCOLS: readonly Protocol[] = [
  googleOpenaiChat,
  openaiChat,
  openaiResponses,
  anthropicMessages,
  openaiEmbeddings,
  openaiCompletions,
  openaiImages,
  openaiTranscription,
  openaiSpeech,
  openaiModerations,
  bedrockConverse,
  bedrockInvoke,
  cohereChat,
  cohereEmbed,
  cohereGenerate,
  cohereRerank,
  mistralConversations,
  ollamaChat,
  ollamaEmbed,
  ollamaGenerate,
  googleGenerateContent,
  googleEmbeddings,
  googleInteractions,
  vertexAnthropic,
  vertexChat,
];

/**
 * The protocol of a POST to this URL path (no query) at this host, if it is one of ours. Asked for every request of the
 * process, so every protocol tells by the end of the path first.
 */
export function findProtocol(path: string, host: string): Protocol | undefined {
  for (const protocol of PROTOCOLS) if (protocol.matches(path, host)) return protocol;
  return undefined;
}
