import type { Json, JsonObject } from '../model/json.ts';
import type { ToolDefinition } from '../model/message.ts';
import { asBoolean, asCount, asNumber, asObject, asObjects, asString, defined } from '../util/json-read.ts';
import { isApiPath } from './api-path.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { readContent } from './openai-content.ts';
import { readInput, readOutputItems } from './openai-response-items.ts';
import { ResponseStreamAssembler } from './openai-responses-stream.ts';
import { countServerTools } from './openai-server-tools.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readOutputType, readUsageObject } from './reading.ts';

/**
 * The Responses API: creating a response, or a compacted conversation. Cancelling and counting have paths of their own.
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export const openaiResponses: Protocol = {
  id: 'openai.responses',
  operation: 'chat',
  matches: (path) => isApiPath(path, '/responses') || isApiPath(path, '/responses/compact'),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new ResponseStreamAssembler(maxTextLength),
};

const OTHER_PARAMETERS = [
  'tool_choice',
  'parallel_tool_calls',
  'max_tool_calls',
  'top_logprobs',
  'truncation',
  'background',
  'store',
  'previous_response_id',
  'prompt_cache_key',
  'prompt_cache_retention',
] as const;

function readRequest(body: JsonObject): RequestReading {
  const text = asObject(body.text);
  const tools = asObjects(body.tools);
  const instructions = readContent(body.instructions);
  return {
    parameters: defined({
      temperature: asNumber(body.temperature),
      topP: asNumber(body.top_p),
      maxTokens: asCount(body.max_output_tokens),
      stream: asBoolean(body.stream),
      outputType: readOutputType(text?.format),
      serviceTier: asString(body.service_tier),
      reasoningLevel: asString(asObject(body.reasoning)?.effort),
      other: pickParameters(body, OTHER_PARAMETERS),
    }),
    ...defined({
      requestModel: asString(body.model),
      conversationId: readConversation(body.conversation),
      input: readInput(body.input),
    }),
    ...(instructions.length > 0 && { systemInstructions: instructions }),
    ...(tools.length > 0 && { tools: tools.map(readTool) }),
  };
}

/** OpenAI's own tools have no name but their type, MCP servers a label. */
export function readTool(tool: JsonObject): ToolDefinition {
  const type = asString(tool.type) ?? 'function';
  return {
    type,
    name: asString(tool.name) ?? asString(tool.server_label) ?? type,
    ...defined({ description: asString(tool.description), parameters: tool.parameters }),
  };
}

function readConversation(value: Json | undefined): string | undefined {
  return asString(value) ?? asString(asObject(value)?.id);
}

function readResponse(body: JsonObject): ResponseReading {
  const parts = readOutputItems(body.output);
  const finishReason = readFinishReason(body);
  const message = { role: 'assistant', parts, ...defined({ finish_reason: finishReason }) };
  return defined({
    responseModel: asString(body.model) || undefined,
    responseId: asString(body.id) || undefined,
    conversationId: readConversation(body.conversation),
    error: readErrorObject(body.error),
    output: parts.length > 0 ? [message] : undefined,
    finishReasons: finishReason === undefined ? undefined : [finishReason],
    ...readUsageObject(
      'openai.responses',
      body.usage,
      defined({
        serviceTier: asString(body.service_tier),
        serverTools: countServerTools(body),
      }),
    ),
  });
}

/** Why an incomplete response stopped (`max_output_tokens`, `content_filter`), else how it ended; nothing while it runs. */
function readFinishReason(body: JsonObject): string | undefined {
  const status = asString(body.status);
  if (status === 'queued' || status === 'in_progress') return undefined;
  return asString(asObject(body.incomplete_details)?.reason) ?? status;
}
