import type { Json, JsonObject } from '../model/json.ts';
import type { Message } from '../model/message.ts';
import { asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { isBedrockPath, isStreamPath, modelOfPath, readBedrockError, servedAs } from './bedrock.ts';
import { readBlocks, readTools } from './bedrock-converse-content.ts';
import { ConverseStreamAssembler } from './bedrock-converse-stream.ts';
import { readErrorObject } from './error.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { otherPart, pickParameters, readUsageObject } from './reading.ts';

/**
 * Bedrock's own API for every model that chats.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const bedrockConverse: Protocol = {
  id: 'aws.bedrock.converse',
  operation: 'chat',
  matches: (path) => isBedrockPath(path, 'converse') || isBedrockPath(path, 'converse-stream'),
  readRequest: readConverseRequest,
  readResponse: readConverseResponse,
  readError: readBedrockError,
  streamAssembler: (maxTextLength) => new ConverseStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = [
  'additionalModelRequestFields',
  'guardrailConfig',
  'performanceConfig',
  'requestMetadata',
] as const;

/** Also the request of Nova models, whose native format this one comes from. */
export function readConverseRequest(body: JsonObject, { path }: ExchangeFacts): RequestReading {
  const system = readBlocks(body.system);
  const messages = [...readVariables(body), ...asObjects(body.messages).map(readMessage)];
  const inference = asObject(body.inferenceConfig) ?? {};
  const outputConfig = asObject(body.outputConfig);
  return {
    parameters: defined({
      temperature: asNumber(inference.temperature),
      topP: asNumber(inference.topP) ?? asNumber(inference.top_p),
      topK: asNumber(inference.topK) ?? asNumber(inference.top_k),
      maxTokens: asCount(inference.maxTokens) ?? asCount(inference.max_new_tokens),
      stopSequences: asStrings(inference.stopSequences),
      stream: isStreamPath(path) || undefined,
      outputType: asObject(outputConfig?.textFormat)?.type === 'json_schema' ? 'json' : undefined,
      serviceTier: asString(asObject(body.serviceTier)?.type),
      reasoningLevel: asString(outputConfig?.effort),
      other: pickParameters({ ...body, ...toolChoice(body) }, [...OTHER_PARAMETERS, 'toolChoice']),
    }),
    ...defined({ requestModel: modelOfPath(path), tools: readTools(body.toolConfig) }),
    ...(system.length > 0 && { systemInstructions: system }),
    ...(messages.length > 0 && { input: messages }),
  };
}

/** What was filled into a prompt that is kept at Bedrock: of what is said there, all that the request shows. */
function readVariables({ promptVariables }: JsonObject): Message[] {
  return promptVariables === undefined ? [] : [{ role: 'user', parts: [otherPart(promptVariables)] }];
}

function readMessage({ role, content }: JsonObject): Message {
  return { role: asString(role) ?? 'user', parts: readBlocks(content) };
}

function toolChoice({ toolConfig }: JsonObject): { toolChoice?: Json } {
  return defined({ toolChoice: asObject(toolConfig)?.toolChoice });
}

/** Also the response of Nova models. The model is the one of the path, unless a prompt router has chosen another. */
export function readConverseResponse(body: JsonObject): ResponseReading {
  const message = asObject(asObject(body.output)?.message);
  const stopReason = asString(body.stopReason);
  const router = asObject(asObject(body.trace)?.promptRouter);
  const served = servedAs(asObject(body.serviceTier)?.type, asObject(body.performanceConfig)?.latency);
  return {
    ...defined({ responseModel: asString(router?.invokedModelId), error: readErrorObject(body.error) }),
    ...(message && {
      output: [
        {
          role: asString(message.role) ?? 'assistant',
          parts: readBlocks(message.content),
          ...defined({ finish_reason: stopReason }),
        },
      ],
    }),
    ...(stopReason !== undefined && { finishReasons: [stopReason] }),
    ...readUsageObject('aws.bedrock.converse', body.usage, served),
  };
}
