import type { Json, JsonObject } from '../model/json.ts';
import type { Message } from '../model/message.ts';
import { asCount, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { field, readContents, readParts } from './google-content.ts';
import { modelName, modelOfPath } from './google-path.ts';
import { GenerateContentAssembler } from './google-stream.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readUsageObject } from './reading.ts';

/**
 * Embeddings: `embedContent` and `batchEmbedContents` of the Gemini API and Vertex AI, and the `predict` of Vertex AI's
 * embedding models (others predict other things). The vectors are not recorded.
 * @see https://ai.google.dev/api/embeddings
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export const googleEmbeddings: Protocol = {
  id: 'gcp.gemini.embeddings',
  operation: 'embeddings',
  matches: (path) =>
    path.endsWith(':embedContent') ||
    path.endsWith(':batchEmbedContents') ||
    (path.endsWith(':predict') && /\/models\/[^/]*embedding[^/]*$/.test(path)),
  readRequest,
  readResponse,
  readError: readErrorBody,
  // Nobody streams embeddings; a server that sent its body as an event would still have its usage read.
  streamAssembler: (maxTextLength) => new GenerateContentAssembler(maxTextLength),
};

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  // One text, a batch of them, or instances to predict, with parameters for all or for each.
  const batch = asObjects(body.requests ?? body.instances ?? [body]);
  const input = batch.flatMap(readInput);
  const options = { ...batch[0], ...asObject(body.parameters) };
  return {
    ...defined({ requestModel: modelOfPath(path) ?? modelName(asString(options.model)) }),
    ...(input.length > 0 && { input }),
    parameters: defined({
      dimensions: asCount(field(options, 'outputDimensionality')),
      other: pickParameters(options, ['taskType', 'task_type', 'autoTruncate']),
    }),
  };
}

/** A content; of an instance only its text, because other media are beside it under names of their own. */
function readInput(request: JsonObject): Message[] {
  const content: Json | undefined = request.content ?? request.text;
  return asObject(content) ? readContents(content) : [{ role: 'user', parts: readParts(content) }];
}

function readResponse(body: JsonObject): ResponseReading {
  return {
    ...defined({ error: readErrorObject(body.error) }),
    ...(body.predictions === undefined
      ? readUsageObject('google.embeddings', body.usageMetadata)
      : readUsageObject('google.predict', withoutVectors(body))),
  };
}

/** What a prediction's response says about usage. */
function withoutVectors({ predictions, metadata }: JsonObject): JsonObject {
  const statistics = asObjects(predictions).map(({ embeddings }) => asObject(embeddings)?.statistics ?? null);
  return { predictions: statistics.map((each) => ({ embeddings: { statistics: each } })), ...defined({ metadata }) };
}
