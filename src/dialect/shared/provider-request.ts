import type { Json, JsonObject } from '../../model/json.ts';
import type { LlmCall, RequestParameters } from '../../model/llm-call.ts';
import type { Message } from '../../model/message.ts';
import type { RowOf } from '../../semconv/fields.ts';
import { asArray, asBoolean, asNumber, asString, asStrings, defined } from '../../util/json-read.ts';
import { toMessage, toPart, toTool } from '../gen-ai-message.ts';
import { readRows } from './rows.ts';

/** Parameters under the provider's own names. */
const PARAMETER_FIELDS: readonly RowOf<Omit<RequestParameters, 'other' | 'outputType'>>[] = [
  { field: 'temperature', attribute: 'temperature', parse: asNumber },
  { field: 'topP', attribute: 'top_p', parse: asNumber },
  { field: 'topK', attribute: 'top_k', parse: asNumber },
  {
    field: 'maxTokens',
    attribute: 'max_output_tokens',
    former: ['max_completion_tokens', 'max_tokens'],
    parse: asNumber,
  },
  { field: 'stopSequences', attribute: 'stop_sequences', former: ['stop'], parse: asStrings },
  { field: 'seed', attribute: 'seed', parse: asNumber },
  { field: 'frequencyPenalty', attribute: 'frequency_penalty', parse: asNumber },
  { field: 'presencePenalty', attribute: 'presence_penalty', parse: asNumber },
  { field: 'choiceCount', attribute: 'n', parse: asNumber },
  { field: 'stream', attribute: 'stream', parse: asBoolean },
  { field: 'serviceTier', attribute: 'service_tier', parse: asString },
  { field: 'reasoningLevel', attribute: 'reasoning_effort', parse: asString },
  { field: 'encodingFormats', attribute: 'encoding_format', parse: asStrings },
  { field: 'dimensions', attribute: 'dimensions', parse: asNumber },
];

/** A request as an app made it, where an instrumentation passes it on: to OpenAI's APIs, or Anthropic's. */
export function readProviderRequest(
  request: JsonObject,
): Pick<LlmCall, 'requestModel' | 'parameters' | 'systemInstructions' | 'input' | 'tools'> {
  const system = request['system'] ?? request['instructions'] ?? undefined;
  return {
    parameters: readParameters(request),
    ...defined({
      requestModel: asString(request['model']),
      systemInstructions: system === undefined ? undefined : listOf(system).map(toPart),
      input: readInput(request['messages'] ?? request['input']),
      tools: asArray(request['tools'])?.map(toTool),
    }),
  };
}

/** Parameters of a request as it was made. Text that has no row may be content, and is left out. */
export function readParameters(request: JsonObject): RequestParameters {
  const rows = readRows(request, PARAMETER_FIELDS);
  const known = new Set(PARAMETER_FIELDS.flatMap(({ attribute, former = [] }) => [attribute].concat(former)));
  const other = Object.entries(request).flatMap(([name, value]) =>
    !known.has(name) && (typeof value === 'number' || typeof value === 'boolean') ? [[name, value] as const] : [],
  );
  return { ...rows, ...(other.length > 0 && { other: Object.fromEntries(other) }) };
}

/** Text alone is what a user says. */
function readInput(input: Json | undefined): Message[] | undefined {
  if (input === undefined || input === null) return undefined;
  return listOf(input).map((item) =>
    typeof item === 'string' ? { role: 'user', parts: [toPart(item)] } : toMessage(item),
  );
}

function listOf(value: Json): Json[] {
  return asArray(value) ?? [value];
}
