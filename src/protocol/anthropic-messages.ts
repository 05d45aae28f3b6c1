import type { JsonObject } from '../model/json.ts';
import type { ToolDefinition } from '../model/message.ts';
import { asBoolean, asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { readBlocks } from './anthropic-content.ts';
import { MessageStreamAssembler } from './anthropic-stream.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readOutputType, readUsageObject } from './reading.ts';

/**
 * Anthropic's Messages, also where other vendors serve it. Token counting and batches have paths of their own.
 * @see https://docs.anthropic.com/en/api/messages
 */
export const anthropicMessages: Protocol = {
  id: 'anthropic.messages',
  operation: 'chat',
  matches: (path) => path.endsWith('/v1/messages'),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new MessageStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = ['tool_choice', 'thinking', 'inference_geo', 'speed'] as const;

function readRequest(body: JsonObject): RequestReading {
  const outputConfig = asObject(body.output_config);
  const system = readBlocks(body.system);
  const messages = asObjects(body.messages);
  const tools = asObjects(body.tools);
  return {
    parameters: defined({
      temperature: asNumber(body.temperature),
      topP: asNumber(body.top_p),
      topK: asNumber(body.top_k),
      maxTokens: asCount(body.max_tokens),
      stopSequences: asStrings(body.stop_sequences),
      stream: asBoolean(body.stream),
      outputType: readOutputType(outputConfig?.format ?? body.output_format),
      serviceTier: asString(body.service_tier),
      reasoningLevel: asString(outputConfig?.effort),
      other: pickParameters(body, OTHER_PARAMETERS),
    }),
    ...defined({ requestModel: asString(body.model) }),
    ...(system.length > 0 && { systemInstructions: system }),
    ...(messages.length > 0 && {
      input: messages.map((message) => ({
        role: asString(message.role) ?? 'user',
        parts: readBlocks(message.content),
      })),
    }),
    ...(tools.length > 0 && { tools: tools.map(toolDefinition) }),
  };
}

/** Tools without a type are the app's own functions; the others run at Anthropic or have a schema it knows. */
function toolDefinition(tool: JsonObject): ToolDefinition {
  const type = asString(tool.type) ?? 'custom';
  return {
    type: type === 'custom' ? 'function' : type,
    name: asString(tool.name) ?? type,
    ...defined({ description: asString(tool.description), parameters: tool.input_schema }),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  const parts = readBlocks(body.content);
  const stopReason = asString(body.stop_reason);
  const answered = parts.length > 0 || stopReason !== undefined;
  const message = { role: asString(body.role) ?? 'assistant', parts, ...defined({ finish_reason: stopReason }) };
  return defined({
    responseModel: asString(body.model) || undefined,
    responseId: asString(body.id) || undefined,
    error: readErrorObject(body.error),
    output: answered ? [message] : undefined,
    finishReasons: stopReason === undefined ? undefined : [stopReason],
    ...readUsageObject('anthropic.messages', body.usage),
  });
}
