import type { Json, JsonObject } from '../model/json.ts';
import type { MessagePart } from '../model/message.ts';
import { asArray, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { isApiPath } from './api-path.ts';
import { CohereLineAssembler } from './cohere-stream.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { otherPart, pickParameters, readUsageObject, textParts } from './reading.ts';

/**
 * Reranking of documents, of Cohere and of those who copy it: Voyage, Jina, Together, vLLM. Cohere bills by search,
 * the others by token.
 * @see https://docs.cohere.com/reference/rerank
 * @see https://docs.voyageai.com/reference/reranker-api
 */
export const cohereRerank: Protocol = {
  id: 'cohere.rerank',
  operation: 'rerank',
  matches: (path) => isApiPath(path, '/rerank'),
  readRequest,
  readResponse,
  readError: readErrorBody,
  // Never streamed; the event of a server that does would be the whole response.
  streamAssembler: (maxTextLength) => new CohereLineAssembler(maxTextLength),
};

const PARAMETERS = [
  'top_n',
  'top_k',
  'return_documents',
  'rank_fields',
  'max_chunks_per_doc',
  'max_tokens_per_doc',
  'truncation',
] as const;

function readRequest(body: JsonObject): RequestReading {
  const documents = (asArray(body.documents) ?? []).flatMap(documentParts);
  const query = textParts(body.query);
  return {
    ...defined({ requestModel: asString(body.model) }),
    ...(query.length > 0 && {
      input: [
        { role: 'user', parts: query },
        { role: 'documents', parts: documents },
      ],
    }),
    parameters: defined({ other: pickParameters(body, PARAMETERS) }),
  };
}

/** A text, or an object that has it as `text`. */
function documentParts(document: Json): MessagePart[] {
  const text = asString(document) ?? asString(asObject(document)?.text);
  return text === undefined ? [otherPart(document)] : textParts(text);
}

function readResponse(body: JsonObject): ResponseReading {
  const ranking = asObjects(body.results ?? body.data).map(({ index, relevance_score }) =>
    defined({ index, relevance_score }),
  );
  const byUnits = readUsageObject('cohere', body.meta);
  return {
    ...defined({
      responseModel: asString(body.model) || undefined,
      responseId: asString(body.id) || undefined,
      error: readErrorObject(body.error),
    }),
    ...(ranking.length > 0 && { output: [{ role: 'assistant', parts: [otherPart(ranking as Json[])] }] }),
    ...(byUnits.usage ? byUnits : readUsageObject('openai.embeddings', body.usage)),
  };
}
