import type { JsonObject } from '../model/json.ts';
import { asString, asStrings, defined } from '../util/json-read.ts';
import { blobPart } from '../util/media.ts';
import { namesModel } from './api-path.ts';
import { readErrorBody } from './error.ts';
import { readOllamaParameters, readOllamaResponse } from './ollama-reading.ts';
import { OllamaStreamAssembler } from './ollama-stream.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { textParts } from './reading.ts';

/**
 * Ollama's completions of a prompt.
 * @see https://docs.ollama.com/api/generate
 */
export const ollamaGenerate: Protocol = {
  id: 'ollama.generate',
  operation: 'text_completion',
  matches: (path) => path.endsWith('/api/generate'),
  isForeign: (text) => !namesModel(text),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new OllamaStreamAssembler(maxTextLength),
};

function readRequest(body: JsonObject): RequestReading {
  const images = (asStrings(body.images) ?? []).map((data) => blobPart('image', data));
  const parts = [...textParts(body.prompt), ...images];
  const system = textParts(body.system);
  return {
    ...defined({ requestModel: asString(body.model) }),
    ...(system.length > 0 && { systemInstructions: system }),
    ...(parts.length > 0 && { input: [{ role: 'user', parts }] }),
    parameters: readOllamaParameters(body),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  const parts = [...textParts(body.thinking, 'reasoning'), ...textParts(body.response)];
  return readOllamaResponse(body, typeof body.response === 'string' ? { role: 'assistant', parts } : undefined);
}
