import type { Json, JsonObject } from '../model/json.ts';
import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { Message, MessagePart, ToolDefinition } from '../model/message.ts';
import type { RawUsage } from '../model/reported-usage.ts';
import type { SpanAttributes } from '../model/span.ts';
import { readUsage } from '../provider-usage/formats.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import type { FieldRow, RowOf } from '../semconv/fields.ts';
import { asArray, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import { blobPart, modalityOf, uriPart } from '../util/media.ts';
import { underConventions } from './shared/conventional.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { readJson, readRows } from './shared/rows.ts';

const SCOPE = 'gcp.vertex.agent';
const REQUEST = 'gcp.vertex.agent.llm_request';
const RESPONSE = 'gcp.vertex.agent.llm_response';

const NAMES = {
  'gcp.vertex.agent.tool_call_args': GEN_AI.toolArguments,
  'gcp.vertex.agent.tool_response': GEN_AI.toolResult,
} as const;

const SESSION: FieldRow<'sessionId', string> = {
  field: 'sessionId',
  attribute: 'gcp.vertex.agent.session_id',
  former: ['gen_ai.conversation.id'],
  parse: asString,
};

/** Of the request's `config`. */
const PARAMETER_FIELDS: readonly RowOf<
  Pick<RequestParameters, 'temperature' | 'topP' | 'topK' | 'maxTokens' | 'stopSequences' | 'seed'>
>[] = [
  { field: 'temperature', attribute: 'temperature', parse: asNumber },
  { field: 'topP', attribute: 'topP', parse: asNumber },
  { field: 'topK', attribute: 'topK', parse: asNumber },
  { field: 'maxTokens', attribute: 'maxOutputTokens', parse: asNumber },
  { field: 'stopSequences', attribute: 'stopSequences', parse: asStrings },
  { field: 'seed', attribute: 'seed', parse: asNumber },
];

const CARRIED = /^gcp\.vertex\.agent\.(?:llm_request|llm_response|tool_call_args|tool_response|data)$/;

/**
 * Google's Agent Development Kit. Since version 2 it follows the GenAI conventions; before, request and response stand
 * in attributes of its own, as JSON of Gemini's API, and the counts beside them lack what the model thought.
 * @see https://google.github.io/adk-docs/observability/
 */
export const googleAdk: Dialect = {
  id: 'google-adk',
  recognises: (attributes, scope) => scope === SCOPE || attributes[REQUEST] !== undefined,
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const reading = genAi.read(underConventions(span, NAMES));
    const isKnown = genAi.recognises(attributes, span.scope.name);
    return {
      ...reading,
      // The run as a whole, and work between calls.
      ...(!isKnown && { type: 'span' }),
      ...(reading.call && {
        call: isKnown ? completed(reading.call, attributes) : { ...reading.call, operation: 'other' },
      }),
      ...readRows<Record<'sessionId', string>>(attributes, [SESSION]),
    } satisfies DialectReading;
  },
};

function completed(call: LlmCall, attributes: SpanAttributes): LlmCall {
  const request = camelCased(asObject(readJson(attributes, REQUEST)) ?? {});
  const response = camelCased(asObject(readJson(attributes, RESPONSE)) ?? {});
  const config = camelCased(asObject(request['config']) ?? {});
  const content = asObject(response['content']);
  const { provider, ...rest } = call;
  return {
    ...rest,
    // ADK names itself there; the model may be anyone's.
    ...defined({ provider: provider === SCOPE ? undefined : provider }),
    ...defined({
      responseModel: asString(response['modelVersion']),
      systemInstructions: readSystem(config['systemInstruction']),
      input: asArray(request['contents'])?.map(toMessage),
      tools: readTools(config['tools']),
      output: content && [toMessage(content)],
    }),
    parameters: { ...readRows(config, PARAMETER_FIELDS), ...call.parameters },
    ...readWholeUsage(response['usageMetadata']),
  };
}

function readWholeUsage(value: Json | undefined): Pick<LlmCall, 'usage' | 'rawUsage'> {
  const body = asObject(value);
  const rawUsage: RawUsage | undefined = body && { format: 'google.generate_content', body: camelCased(body) };
  const usage = rawUsage && readUsage(rawUsage);
  return usage ? { usage, rawUsage } : {};
}

function readSystem(value: Json | undefined): MessagePart[] | undefined {
  if (typeof value === 'string') return [{ type: 'text', content: value }];
  return value === undefined || value === null ? undefined : toMessage(value).parts;
}

function toMessage(value: Json): Message {
  const content = asObject(value);
  const role = asString(content?.['role']) ?? 'unknown';
  return { role: role === 'model' ? 'assistant' : role, parts: asObjects(content?.['parts']).map(toPart) };
}

function toPart(value: JsonObject): MessagePart {
  const { text, thought, functionCall, functionResponse, inlineData, fileData } = camelCased(value);
  if (typeof text === 'string') return { type: thought === true ? 'reasoning' : 'text', content: text };
  const call = asObject(functionCall);
  if (call) {
    const { id, name, args } = call;
    return {
      type: 'tool_call',
      ...defined({ id: asString(id) }),
      name: asString(name) ?? 'unknown',
      ...defined({ arguments: args }),
    };
  }
  const answer = asObject(functionResponse);
  if (answer)
    return {
      type: 'tool_call_response',
      ...defined({ id: asString(answer['id']) }),
      response: answer['response'] ?? null,
    };
  const media = camelCased(asObject(inlineData) ?? asObject(fileData) ?? {});
  const mimeType = asString(media['mimeType']);
  const { data, fileUri } = media;
  if (typeof data === 'string') return blobPart(modalityOf(mimeType), data, mimeType);
  if (typeof fileUri === 'string') return uriPart(modalityOf(mimeType), fileUri);
  return { type: 'other', content: value };
}

function readTools(value: Json | undefined): ToolDefinition[] | undefined {
  const tools = asObjects(value).flatMap((tool) => asObjects(camelCased(tool)['functionDeclarations']));
  if (tools.length === 0) return undefined;
  return tools.map((tool) => {
    const { name, description, parameters, parametersJsonSchema } = camelCased(tool);
    return {
      type: 'function',
      name: asString(name) ?? 'unknown',
      ...defined({ description: asString(description), parameters: parameters ?? parametersJsonSchema }),
    };
  });
}

/** One level of an object by the names of the API, which those of Python are made from. */
function camelCased(object: JsonObject): JsonObject {
  const entries = Object.entries(object).map(([name, value]) => [
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as JsonObject;
}
