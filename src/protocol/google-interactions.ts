import type { Json, JsonObject } from '../model/json.ts';
import type { CallError } from '../model/llm-call.ts';
import type { ToolDefinition } from '../model/message.ts';
import { asBoolean, asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { readErrorBody, readErrorObject } from './error.ts';
import { InteractionAssembler } from './google-interactions-stream.ts';
import { readSteps, readStepsOf } from './google-interactions-steps.ts';
import { modelName } from './google-path.ts';
import type { Protocol, RequestReading, ResponseReading } from './protocol.ts';
import { pickParameters, readUsageObject } from './reading.ts';

/**
 * The Interactions API: creating an interaction with a model or an agent. Reading and cancelling one have paths of their
 * own.
 * @see https://ai.google.dev/api/interactions-api
 */
export const googleInteractions: Protocol = {
  id: 'gcp.gemini.interactions',
  operation: 'generate_content',
  // Other APIs have interactions too, but no beta versions that are called like Google's.
  matches: (path, host) =>
    path.endsWith('/interactions') && (/\/v1(?:alpha|beta)\d*\//.test(path) || host.endsWith('.googleapis.com')),
  readRequest,
  readResponse,
  readError: readErrorBody,
  streamAssembler: (maxTextLength) => new InteractionAssembler(maxTextLength),
};

const OTHER_PARAMETERS = ['previous_interaction_id', 'background', 'store', 'cached_content', 'tool_choice'] as const;

function readRequest(body: JsonObject): RequestReading {
  const config = asObject(body.generation_config) ?? {};
  const input = readStepsOf(body.input);
  const system = asString(body.system_instruction);
  const tools = asObjects(body.tools);
  return {
    ...defined({ requestModel: modelName(asString(body.model)) ?? asString(body.agent) }),
    ...(system && { systemInstructions: [{ type: 'text', content: system }] }),
    ...(input.length > 0 && { input }),
    ...(tools.length > 0 && { tools: tools.map(toolDefinition) }),
    parameters: defined({
      temperature: asNumber(config.temperature),
      topP: asNumber(config.top_p),
      maxTokens: asCount(config.max_output_tokens),
      stopSequences: asStrings(config.stop_sequences),
      seed: asNumber(config.seed),
      stream: asBoolean(body.stream),
      outputType: readOutputType(body),
      serviceTier: asString(body.service_tier),
      reasoningLevel: asString(config.thinking_level),
      other: pickParameters({ ...config, ...body }, OTHER_PARAMETERS),
    }),
  };
}

function readOutputType(body: JsonObject): string | undefined {
  const mimeType = asString(body.response_mime_type) ?? asString(asObject(body.response_format)?.mime_type);
  return mimeType === 'application/json' ? 'json' : undefined;
}

/** Google's own tools have no name but their type. */
function toolDefinition(tool: JsonObject): ToolDefinition {
  const type = asString(tool.type) ?? 'function';
  return {
    type,
    name: asString(tool.name) ?? type,
    ...defined({ description: asString(tool.description), parameters: tool.parameters }),
  };
}

function readResponse(body: JsonObject): ResponseReading {
  // Before steps there was one list of contents.
  const parts = readSteps(body.steps ?? body.outputs);
  const finishReason = readStatus(body.status);
  return {
    ...defined({
      responseModel: modelName(asString(body.model)) ?? asString(body.agent),
      responseId: asString(body.id) || undefined,
      error: readErrorObject(body.error) ?? readErrors(body.errors),
    }),
    ...(parts.length > 0 && { output: [{ role: 'assistant', parts, ...defined({ finish_reason: finishReason }) }] }),
    ...(finishReason !== undefined && { finishReasons: [finishReason] }),
    ...readUsageObject('google.interactions', body.usage, defined({ serviceTier: asString(body.service_tier) })),
  };
}

const RUNNING: ReadonlySet<unknown> = new Set(['in_progress', 'queued']);

/** How the interaction ended; nothing while it runs in the background. */
function readStatus(status: Json | undefined): string | undefined {
  return RUNNING.has(status) ? undefined : asString(status);
}

function readErrors(errors: Json | undefined): CallError | undefined {
  return asObjects(errors)
    .map((error) => readErrorObject(error))
    .find((error) => error !== undefined);
}
