import type { JsonObject } from '../model/json.ts';
import { asString, defined } from '../util/json-read.ts';
import { isApiPath } from './api-path.ts';
import { readErrorBody } from './error.ts';
import { readChoicesResponse, readSamplingParameters } from './openai-chat.ts';
import { ChatStreamAssembler } from './openai-chat-stream.ts';
import { readPrompts } from './openai-prompts.ts';
import type { ExchangeFacts, Protocol, RequestReading } from './protocol.ts';

/**
 * Legacy completions. Mistral's completions of code between a prompt and a suffix differ only in their path.
 * @see https://platform.openai.com/docs/api-reference/completions
 */
export const openaiCompletions: Protocol = {
  id: 'openai.completions',
  operation: 'text_completion',
  matches: (path) => isApiPath(path, '/completions'),
  readRequest,
  readResponse: (body) => readChoicesResponse(body, 'openai.chat'),
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new ChatStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = ['best_of', 'echo', 'logit_bias', 'logprobs', 'min_tokens'] as const;

function readRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  return {
    ...defined({ requestModel: asString(body.model), input: readPrompts(body.prompt) }),
    parameters: readSamplingParameters(body, OTHER_PARAMETERS, path),
  };
}
