import type { JsonObject } from '../model/json.ts';
import type { Message, MessagePart } from '../model/message.ts';
import { asCount, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { uriPart } from '../util/media.ts';
import { CohereLineAssembler } from './cohere-stream.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { readContent } from './openai-content.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readUsageObject, textParts } from './reading.ts';

/**
 * Embeddings of texts and images. The vectors are not recorded.
 * @see https://docs.cohere.com/reference/embed
 */
export const cohereEmbed: Protocol = {
  id: 'cohere.embed',
  operation: 'embeddings',
  matches: (path) => path.endsWith('/v2/embed') || path.endsWith('/v1/embed'),
  readRequest,
  readResponse,
  readError: readErrorBody,
  // Never streamed; the event of a server that does would be the whole response.
  streamAssembler: (maxTextLength) => new CohereLineAssembler(maxTextLength),
};

function readRequest(body: JsonObject): RequestReading {
  return {
    ...defined({ requestModel: asString(body.model), input: readInput(body) }),
    parameters: defined({
      encodingFormats: asStrings(body.embedding_types),
      dimensions: asCount(body.output_dimension),
      other: pickParameters(body, ['input_type', 'truncate']),
    }),
  };
}

function readInput({ texts, images, inputs }: JsonObject): Message[] | undefined {
  const parts: MessagePart[] = [
    ...(asStrings(texts) ?? []).flatMap((text) => textParts(text)),
    ...(asStrings(images) ?? []).map((address) => uriPart('image', address)),
    ...asObjects(inputs).flatMap((input) => readContent(input.content)),
  ];
  return parts.length > 0 ? [{ role: 'user', parts }] : undefined;
}

function readResponse(body: JsonObject): ResponseReading {
  return {
    ...defined({ responseId: asString(body.id), error: readErrorObject(body.error) }),
    ...readUsageObject('cohere', body.meta),
  };
}
