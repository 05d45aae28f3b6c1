import type { JsonObject } from '../model/json.ts';
import type { Message } from '../model/message.ts';
import { asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { blobPart } from '../util/media.ts';
import { namesModel } from './api-path.ts';
import { readErrorBody } from './error.ts';
import { readOllamaParameters, readOllamaResponse } from './ollama-reading.ts';
import { OllamaStreamAssembler } from './ollama-stream.ts';
import { readChatMessage, readChatTools } from './openai-chat-message.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { textParts } from './reading.ts';

/**
 * Ollama's own chat. It also serves OpenAI's and Anthropic's protocols, on their paths.
 * @see https://docs.ollama.com/api/chat
 */
export const ollamaChat: Protocol = {
  id: 'ollama.chat',
  operation: 'chat',
  matches: (path) => path.endsWith('/api/chat'),
  isForeign: (text) => !namesModel(text),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new OllamaStreamAssembler(maxTextLength),
};

function readRequest(body: JsonObject): RequestReading {
  const messages = asObjects(body.messages);
  return {
    ...defined({ requestModel: asString(body.model), tools: readChatTools(body) }),
    ...(messages.length > 0 && { input: messages.map(readMessage) }),
    parameters: readOllamaParameters(body),
  };
}

/** A message like OpenAI's, but its images are base64 beside the text and a tool's answer names the tool. */
function readMessage(message: JsonObject): Message {
  const read = readChatMessage({ ...message, tool_call_id: message.tool_call_id ?? message.tool_name });
  return {
    ...read,
    parts: [
      ...textParts(message.thinking, 'reasoning'),
      ...read.parts,
      ...(asStrings(message.images) ?? []).map((data) => blobPart('image', data)),
    ],
  };
}

function readResponse(body: JsonObject): ResponseReading {
  const message = asObject(body.message);
  return readOllamaResponse(body, message && readMessage(message));
}
