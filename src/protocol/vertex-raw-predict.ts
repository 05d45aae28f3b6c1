/**
 * Models of other vendors on Vertex AI: `rawPredict` and `streamRawPredict` pass the vendor's own request and response
 * through. Only the model is taken out of the request and put into the path.
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/use-partner-models
 */
import type { JsonObject } from '../model/json.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { modelOfPath } from './google-path.ts';
import { openaiChat } from './openai-chat.ts';
import type { ExchangeFacts, Protocol } from './protocol.ts';

const RAW_PREDICT = /:(?:streamR|r)awPredict$/;
const ANTHROPIC = '/publishers/anthropic/';
/** Stands in place of a model where tokens are only counted. */
const COUNT_TOKENS = '/count-tokens:';

export const vertexAnthropic: Protocol = ofPathModel('gcp.vertex_ai.anthropic', anthropicMessages, (path) =>
  path.includes(ANTHROPIC),
);

/** Mistral, and others who copy OpenAI. */
export const vertexChat: Protocol = ofPathModel('gcp.vertex_ai.chat', openaiChat, (path) => !path.includes(ANTHROPIC));

function ofPathModel(id: string, protocol: Protocol, isVendor: (path: string) => boolean): Protocol {
  return {
    ...protocol,
    id,
    matches: (path) =>
      RAW_PREDICT.test(path) && path.includes('/publishers/') && !path.includes(COUNT_TOKENS) && isVendor(path),
    readRequest: (body: JsonObject, facts: ExchangeFacts) => {
      const model = modelOfPath(facts.path);
      return protocol.readRequest(model === undefined ? body : { ...body, model }, facts);
    },
  };
}
