import type { LlmCall } from '../model/llm-call.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { asNumber, asString, defined } from '../util/json-read.ts';
import { underConventions } from './shared/conventional.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { withCacheBeside } from './shared/inclusion.ts';

/** What it says where a provider is asked for. The model is Bedrock's unless the app chose another. */
const PROVIDER = 'strands-agents';

/** On the rounds of an agent, in Python and in TypeScript. */
const CYCLES = ['event_loop.cycle_id', 'agent_loop.cycle_id'] as const;

/** What a tool was given, and what it answered, in the events of messages. */
const TOOL_INPUT = 'gen_ai.tool.message';
const TOOL_OUTPUT = 'gen_ai.choice';

const SYSTEM_PROMPT = 'system_prompt';
const NAMES = { [SYSTEM_PROMPT]: GEN_AI.systemInstructions } as const;

/**
 * Strands Agents, also as AgentCore runs them: the GenAI conventions, former or by its own opt-in current, with messages
 * as Bedrock's Converse has them.
 * @see https://strandsagents.com/latest/documentation/docs/user-guide/observability-evaluation/traces/
 */
export const strands: Dialect = {
  id: 'strands',
  recognises: (attributes) =>
    attributes['gen_ai.system'] === PROVIDER || attributes[GEN_AI.provider] === PROVIDER || isCycle(attributes),
  carries: (attribute) => attribute === SYSTEM_PROMPT || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const reading = genAi.read(underConventions(span, NAMES));
    if (!reading.call) return reading;
    const call = completed(reading.call, span);
    if (reading.type === 'tool') return { ...reading, ...readTool(span, reading, call) };
    return isCycle(span.attributes)
      ? { ...reading, type: 'chain', call: { ...call, operation: 'invoke_workflow' } }
      : { ...reading, call };
  },
};

function isCycle(attributes: SpanAttributes): boolean {
  return CYCLES.some((name) => attributes[name] !== undefined);
}

function completed({ provider: _provider, ...call }: LlmCall, span: SpanView): LlmCall {
  const milliseconds = asNumber(span.attributes['gen_ai.server.time_to_first_token']);
  return {
    ...call,
    ...defined({ timeToFirstChunk: milliseconds === undefined ? undefined : milliseconds / 1000 }),
    ...(call.usage && isCacheLeftOut(call, span) && { usage: withCacheBeside(call.usage) }),
  };
}

/** That for Python sums up what is in and beside the input of each provider; that for TypeScript passes it on. */
const PYTHON_SCOPE = 'strands.telemetry.tracer';
/**
 * A model of Anthropic at its own API: Bedrock's total says by itself that the cache is beside the input. (One that is
 * reached through the AI SDK looks the same and has it inside; that is the rarer way.)
 */
const ANTHROPIC_MODEL = /^claude-/;

function isCacheLeftOut({ requestModel = '' }: LlmCall, { scope }: SpanView): boolean {
  return scope.name !== PYTHON_SCOPE && ANTHROPIC_MODEL.test(requestModel);
}

/** Of a tool, the messages are its arguments and its result, and no conversation. */
function readTool(span: SpanView, { input, output }: DialectReading, call: LlmCall): Partial<DialectReading> {
  const { input: _given, output: _answered, ...rest } = call;
  const said = (event: string, name: string): string | undefined =>
    asString(span.events.find((candidate) => candidate.name === event)?.attributes[name]);
  return {
    call: rest,
    ...defined({ input: input ?? said(TOOL_INPUT, 'content'), output: output ?? said(TOOL_OUTPUT, 'message') }),
  };
}
