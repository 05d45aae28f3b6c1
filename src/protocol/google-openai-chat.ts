import { openaiChat, readChoicesResponse } from './openai-chat.ts';
import type { Protocol } from './protocol.ts';

/** Where the Gemini API and Vertex AI speak OpenAI's protocol. */
const ROOT = /\/(?:v1(?:alpha|beta)\d*\/openai|endpoints\/openapi)\/chat\/completions$/;

/**
 * Chat completions of Gemini, which count otherwise than OpenAI's.
 * @see https://ai.google.dev/gemini-api/docs/openai
 */
export const googleOpenaiChat: Protocol = {
  ...openaiChat,
  id: 'gcp.gemini.chat',
  matches: (path) => path.endsWith('/chat/completions') && ROOT.test(path),
  readResponse: (body) => readChoicesResponse(body, 'google.openai_chat'),
};
