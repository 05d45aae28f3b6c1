import type { JsonObject } from '../model/json.ts';
import { asCount, asString, defined } from '../util/json-read.ts';
import { namesModel } from './api-path.ts';
import { readErrorBody } from './error.ts';
import { readOllamaResponse } from './ollama-reading.ts';
import { OllamaStreamAssembler } from './ollama-stream.ts';
import { readPrompts } from './openai-prompts.ts';
import type { Protocol, RequestReading } from './protocol.ts';
import { pickParameters } from './reading.ts';

/**
 * Ollama's embeddings, also by their former name. The vectors are not recorded.
 * @see https://docs.ollama.com/api/embed
 */
export const ollamaEmbed: Protocol = {
  id: 'ollama.embed',
  operation: 'embeddings',
  matches: (path) => path.endsWith('/api/embed') || path.endsWith('/api/embeddings'),
  isForeign: (text) => !namesModel(text),
  readRequest,
  readResponse: (body) => readOllamaResponse(body, undefined),
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new OllamaStreamAssembler(maxTextLength),
};

function readRequest(body: JsonObject): RequestReading {
  return {
    ...defined({ requestModel: asString(body.model), input: readPrompts(body.input ?? body.prompt) }),
    parameters: defined({
      dimensions: asCount(body.dimensions),
      other: pickParameters(body, ['truncate', 'keep_alive']),
    }),
  };
}
