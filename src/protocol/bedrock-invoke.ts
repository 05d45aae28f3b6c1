import type { JsonObject } from '../model/json.ts';
import type { Operation } from '../model/llm-call.ts';
import { asObject, asObjects, defined } from '../util/json-read.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { isBedrockPath, isStreamPath, modelOfPath, readBedrockError, servedAs } from './bedrock.ts';
import { readConverseRequest, readConverseResponse } from './bedrock-converse.ts';
import { InvokeStreamAssembler, METRICS } from './bedrock-invoke-stream.ts';
import { countsOf, readTextRequest, readTextResponse } from './bedrock-invoke-text.ts';
import { readErrorObject } from './error.ts';
import { openaiChat } from './openai-chat.ts';
import type { ExchangeFacts, Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { readUsageObject } from './reading.ts';

/**
 * A model's own request and response, passed on by Bedrock.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
export const bedrockInvoke: Protocol = {
  id: 'aws.bedrock.invoke',
  operation: 'chat',
  matches: (path) => isBedrockPath(path, 'invoke') || isBedrockPath(path, 'invoke-with-response-stream'),
  readRequest,
  readResponse,
  readError: readBedrockError,
  streamAssembler: (maxTextLength) => new InvokeStreamAssembler(maxTextLength),
};

/**
 * The formats that models have, told by their bodies: an ARN (a SageMaker endpoint, an imported model, an application's
 * inference profile) does not name the model, and one vendor's models have several formats.
 */
interface Family {
  asks(request: JsonObject): boolean;
  readRequest(body: JsonObject, facts: ExchangeFacts): RequestReading;
  answers(response: JsonObject): boolean;
  readResponse(body: JsonObject, facts: ExchangeFacts): ResponseReading;
}

const CLAUDE: Family = {
  asks: (request) => request.anthropic_version !== undefined && request.messages !== undefined,
  readRequest: anthropicMessages.readRequest,
  answers: (response) => response.type === 'message',
  readResponse: anthropicMessages.readResponse,
};

const NOVA: Family = {
  asks: (request) =>
    asObjects(request.messages).some((message) => asObjects(message.content).some((block) => !('type' in block))),
  readRequest: readConverseRequest,
  answers: (response) => asObject(response.output)?.message !== undefined,
  readResponse: readConverseResponse,
};

/** OpenAI's open weights, DeepSeek, Jamba, Qwen, later Mistral models, and servers in SageMaker. */
const CHAT: Family = {
  asks: (request) => request.messages !== undefined,
  readRequest: openaiChat.readRequest,
  answers: (response) => Array.isArray(response.choices),
  readResponse(body, facts) {
    const choices = asObjects(body.choices).map((choice) => ({ finish_reason: choice.stop_reason, ...choice }));
    return openaiChat.readResponse({ ...body, choices }, facts);
  },
};

const TEXT: Family = {
  asks: () => true,
  readRequest: readTextRequest,
  answers: () => true,
  readResponse: readTextResponse,
};

const FAMILIES: readonly Family[] = [CLAUDE, NOVA, CHAT, TEXT];

/** What models are for that do not write, by a word in their ids. */
const OPERATIONS: readonly (readonly [word: string, operation: Operation])[] = [
  ['embed', 'embeddings'],
  ['rerank', 'rerank'],
];

function readRequest(body: JsonObject, facts: ExchangeFacts): RequestReading {
  const family = FAMILIES.find(({ asks }) => asks(body)) ?? TEXT;
  const requestModel = modelOfPath(facts.path);
  const [, operation] = OPERATIONS.find(([word]) => requestModel?.includes(word)) ?? [];
  const reading = family.readRequest(body, facts);
  return {
    ...reading,
    ...defined({ operation: operation ?? reading.operation, requestModel }),
    parameters: { ...reading.parameters, ...(isStreamPath(facts.path) && { stream: true }) },
  };
}

function readResponse(body: JsonObject, facts: ExchangeFacts): ResponseReading {
  const family = FAMILIES.find(({ answers }) => answers(body)) ?? TEXT;
  const { responseModel, ...reading } = family.readResponse(body, facts);
  const { usage, rawUsage } = reading.usage ? reading : readInvocation(body, facts);
  const header = (name: string): string | undefined => facts.responseHeader(`x-amzn-bedrock-${name}`);
  const served = servedAs(header('service-tier'), header('performanceconfig-latency'));
  return {
    ...reading,
    ...defined({
      // A server in SageMaker names the folder it has the model in.
      responseModel: responseModel?.startsWith('/') ? undefined : responseModel,
      error: reading.error ?? readErrorObject(body.error),
      rawUsage,
      usage: usage && { ...usage, ...served },
    }),
  };
}

/** Usage of a response that has no usage object: by Bedrock's own count, else by the few counts the model states. */
function readInvocation(body: JsonObject, facts: ExchangeFacts): Pick<ResponseReading, 'usage' | 'rawUsage'> {
  const counts = asObject(body[METRICS]) ?? countsOfHeaders(facts) ?? countsOf(body);
  return readUsageObject('aws.bedrock.invocation', counts);
}

/** Bedrock's counts in a stream -> the same in the headers of a plain response. */
const HEADERS: Readonly<Record<string, string>> = {
  inputTokenCount: 'x-amzn-bedrock-input-token-count',
  outputTokenCount: 'x-amzn-bedrock-output-token-count',
  cacheReadInputTokenCount: 'x-amzn-bedrock-cache-read-input-token-count',
  cacheWriteInputTokenCount: 'x-amzn-bedrock-cache-write-input-token-count',
};

function countsOfHeaders({ responseHeader }: ExchangeFacts): JsonObject | undefined {
  const stated = Object.entries(HEADERS).flatMap(([name, header]): [string, number][] => {
    const value = responseHeader(header);
    return value === undefined ? [] : [[name, Number(value)]];
  });
  return stated.length > 0 ? Object.fromEntries(stated) : undefined;
}
