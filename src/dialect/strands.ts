import type { LlmCall } from '../model/llm-call.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { asNumber, asString, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';

/** What it says where a provider is asked for. The model is Bedrock's unless the app chose another. */
const PROVIDER = 'strands-agents';

/** What a tool was given, and what it answered, in the events of messages. */
const TOOL_INPUT = 'gen_ai.tool.message';
const TOOL_OUTPUT = 'gen_ai.choice';

/**
 * Strands Agents, also as AgentCore runs them: the GenAI conventions, former or by its own opt-in current, with messages
 * as Bedrock's Converse has them.
 * @see https://strandsagents.com/latest/documentation/docs/user-guide/observability-evaluation/traces/
 */
export const strands: Dialect = {
  id: 'strands',
  recognises: (attributes) => attributes['gen_ai.system'] === PROVIDER || attributes[GEN_AI.provider] === PROVIDER,
  carries: genAi.carries,
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const reading = genAi.read(span);
    const { type, call } = reading;
    if (!call) return reading;
    const isCycle = call.operation === 'execute_event_loop_cycle';
    return {
      ...reading,
      type: isCycle ? 'chain' : type,
      ...(type === 'tool' ? readTool(span, reading, call) : { call: completed(call, span.attributes) }),
    } satisfies DialectReading;
  },
};

function completed({ provider: _provider, ...call }: LlmCall, attributes: SpanAttributes): LlmCall {
  const milliseconds = asNumber(attributes['gen_ai.server.time_to_first_token']);
  return { ...call, ...defined({ timeToFirstChunk: milliseconds === undefined ? undefined : milliseconds / 1000 }) };
}

/** Of a tool, the messages are its arguments and its result, and no conversation. */
function readTool(span: SpanView, { input, output }: DialectReading, call: LlmCall): Partial<DialectReading> {
  const { input: _given, output: _answered, ...rest } = completed(call, span.attributes);
  const said = (event: string, name: string): string | undefined =>
    asString(span.events.find((candidate) => candidate.name === event)?.attributes[name]);
  return {
    call: rest,
    ...defined({ input: input ?? said(TOOL_INPUT, 'content'), output: output ?? said(TOOL_OUTPUT, 'message') }),
  };
}
