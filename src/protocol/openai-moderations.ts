import type { Json, JsonObject } from '../model/json.ts';
import type { MessagePart } from '../model/message.ts';
import { asArray, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { isApiPath } from './api-path.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { readContent } from './openai-content.ts';
import { ChatStreamAssembler } from './openai-chat-stream.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { otherPart, readUsageObject } from './reading.ts';

/**
 * Moderations: free at OpenAI, so nothing is reported; Mistral states tokens.
 * @see https://platform.openai.com/docs/api-reference/moderations
 */
export const openaiModerations: Protocol = {
  id: 'openai.moderations',
  operation: 'moderation',
  matches: (path) => isApiPath(path, '/moderations'),
  readRequest,
  readResponse,
  readError: readErrorBody,
  // Nobody streams moderations; a server that sent its body as an event would still have its usage read.
  streamAssembler: (maxTextLength) => new ChatStreamAssembler(maxTextLength),
};

function readRequest(body: JsonObject): RequestReading {
  const parts = (asArray(body.input) ?? [body.input ?? '']).flatMap(inputParts);
  return {
    ...defined({ requestModel: asString(body.model) }),
    ...(parts.length > 0 && { input: [{ role: 'user', parts }] }),
    parameters: {},
  };
}

function inputParts(input: Json): MessagePart[] {
  return typeof input === 'string' ? readContent(input) : readContent([input]);
}

function readResponse(body: JsonObject): ResponseReading {
  const verdicts = asObjects(body.results).map(verdictPart);
  return {
    ...defined({
      responseModel: asString(body.model) || undefined,
      responseId: asString(body.id) || undefined,
      error: readErrorObject(body.error),
    }),
    ...(verdicts.length > 0 && { output: [{ role: 'assistant', parts: verdicts }] }),
    ...readUsageObject('openai.chat', body.usage),
  };
}

/** What was flagged; a score for each of a dozen categories says no more. */
function verdictPart({ flagged, categories }: JsonObject): MessagePart {
  const named = Object.entries(asObject(categories) ?? {}).flatMap(([category, is]) => (is === true ? [category] : []));
  return otherPart({ flagged: flagged ?? named.length > 0, categories: named });
}
