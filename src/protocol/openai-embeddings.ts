import type { JsonObject } from '../model/json.ts';
import { asCount, asString, asStrings, defined } from '../util/json-read.ts';
import { deploymentOf, isApiPath } from './api-path.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { ChatStreamAssembler } from './openai-chat-stream.ts';
import { readPrompts } from './openai-prompts.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readUsageObject } from './reading.ts';

/**
 * Embeddings. The vectors are not recorded.
 * @see https://platform.openai.com/docs/api-reference/embeddings
 */
export const openaiEmbeddings: Protocol = {
  id: 'openai.embeddings',
  operation: 'embeddings',
  matches: (path) => isApiPath(path, '/embeddings'),
  readRequest,
  readResponse,
  readError: readErrorBody,
  // Nobody streams embeddings; a server that sent its body as an event would still have its usage read.
  streamAssembler: (maxTextLength) => new ChatStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = ['input_type', 'truncation', 'output_dtype', 'output_dimension', 'deployment'] as const;

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  return {
    ...defined({ requestModel: asString(body.model), input: readPrompts(body.input) }),
    parameters: defined({
      encodingFormats: asStrings(body.encoding_format),
      dimensions: asCount(body.dimensions),
      other: pickParameters({ ...body, deployment: deploymentOf(path) }, OTHER_PARAMETERS),
    }),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  return {
    ...defined({
      responseModel: asString(body.model) || undefined,
      responseId: asString(body.id) || undefined,
      error: readErrorObject(body.error),
    }),
    ...readUsageObject('openai.embeddings', body.usage),
  };
}
