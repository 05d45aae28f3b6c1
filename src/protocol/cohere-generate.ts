import type { JsonObject } from '../model/json.ts';
import { asCount, asObjects, asString, defined } from '../util/json-read.ts';
import { isForeignToCohere, readCohereParameters } from './cohere-chat.ts';
import { CohereLineAssembler } from './cohere-stream.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { readPrompts } from './openai-prompts.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { readUsageObject, textParts } from './reading.ts';

/**
 * Text generation, which came before chat.
 * @see https://docs.cohere.com/v1/reference/generate
 */
export const cohereGenerate: Protocol = {
  id: 'cohere.generate',
  operation: 'text_completion',
  matches: (path) => path.endsWith('/v1/generate'),
  isForeign: isForeignToCohere,
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new CohereLineAssembler(maxTextLength),
};

const OTHER_PARAMETERS = ['end_sequences', 'truncate', 'return_likelihoods', 'preset', 'raw_prompting'] as const;

function readRequest(body: JsonObject): RequestReading {
  const choiceCount = asCount(body.num_generations);
  return {
    ...defined({ requestModel: asString(body.model), input: readPrompts(body.prompt) }),
    parameters: {
      ...readCohereParameters(body, OTHER_PARAMETERS),
      ...(choiceCount !== undefined && choiceCount !== 1 && { choiceCount }),
    },
  };
}

function readResponse(body: JsonObject): ResponseReading {
  // A stream that was cut has one text instead.
  const generations = asString(body.text) === undefined ? asObjects(body.generations) : [body];
  const output = generations.map(({ text, finish_reason }) => ({
    role: 'assistant',
    parts: textParts(text),
    ...defined({ finish_reason: asString(finish_reason) }),
  }));
  const finishReasons = output.map(({ finish_reason }) => finish_reason).filter((reason) => reason !== undefined);
  return {
    ...defined({ responseId: asString(body.id), error: readErrorObject(body.error) }),
    ...(output.length > 0 && { output }),
    ...(finishReasons.length > 0 && { finishReasons }),
    ...readUsageObject('cohere', body.meta),
  };
}
