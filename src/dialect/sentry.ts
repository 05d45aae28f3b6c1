import type { LlmCall } from '../model/llm-call.ts';
import type { OutputMessage } from '../model/message.ts';
import type { SpanAttributes } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { asArray, asString, asStrings, defined, parseJson } from '../util/json-read.ts';
import { type OwnNames, underConventions } from './shared/conventional.ts';
import type { Dialect } from './dialect.ts';
import { toMessage } from './gen-ai-message.ts';
import { genAi } from './gen-ai.ts';
import { readJson } from './shared/rows.ts';

const OPERATION = 'sentry.op';
const TEXT = 'gen_ai.response.text';
const TOOL_CALLS = 'gen_ai.response.tool_calls';

/** Names of its own, of all its versions. */
const NAMES: OwnNames = {
  'gen_ai.request.messages': GEN_AI.inputMessages,
  'gen_ai.embeddings.input': GEN_AI.inputMessages,
  'gen_ai.request.available_tools': GEN_AI.toolDefinitions,
  'gen_ai.response.streaming': 'gen_ai.request.stream',
  'gen_ai.tool.input': GEN_AI.toolArguments,
  'gen_ai.tool.output': GEN_AI.toolResult,
  'gen_ai.usage.input_tokens.cached': 'gen_ai.usage.cache_read.input_tokens',
  'gen_ai.usage.input_tokens.cache_write': 'gen_ai.usage.cache_creation.input_tokens',
  'gen_ai.usage.output_tokens.reasoning': 'gen_ai.usage.reasoning.output_tokens',
};

const CARRIED: ReadonlySet<string> = new Set([
  'gen_ai.request.messages',
  'gen_ai.request.available_tools',
  'gen_ai.embeddings.input',
  'gen_ai.tool.input',
  'gen_ai.tool.output',
  TEXT,
  TOOL_CALLS,
]);

/**
 * Sentry's AI integrations, whose spans are those of the OpenTelemetry SDK up to version 10: the GenAI conventions, with
 * answers under names of its own, and lists as JSON text.
 * @see https://develop.sentry.dev/sdk/telemetry/traces/modules/ai-agents/
 */
export const sentry: Dialect = {
  id: 'sentry',
  recognises: (attributes) => asString(attributes[OPERATION])?.startsWith('gen_ai.') ?? false,
  carries: (attribute) => CARRIED.has(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const reading = genAi.read(underConventions(span, NAMES));
    return { ...reading, ...(reading.call && { call: completed(reading.call, span.attributes) }) };
  },
};

function completed(call: LlmCall, attributes: SpanAttributes): LlmCall {
  const finishReasons = asStrings(textOrList(attributes['gen_ai.response.finish_reasons'])) ?? call.finishReasons;
  const output = call.output ?? readOutput(attributes, finishReasons?.[0]);
  return { ...call, ...defined({ finishReasons, output }) };
}

/** Of several choices the texts are a list, and the calls of tools of all of them another. */
function readOutput(attributes: SpanAttributes, reason: string | undefined): OutputMessage[] | undefined {
  const texts = asStrings(textOrList(attributes[TEXT]))?.filter(Boolean);
  const calls = asArray(readJson(attributes, TOOL_CALLS));
  if (!texts?.length && !calls) return undefined;
  return [toMessage(defined({ role: 'assistant', content: texts, tool_calls: calls, finish_reason: reason }))];
}

function textOrList(value: unknown): unknown {
  return typeof value === 'string' && value.startsWith('[') ? (parseJson(value) ?? value) : value;
}
