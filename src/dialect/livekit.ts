import type { LlmCall } from '../model/llm-call.ts';
import type { SpanAttributes } from '../model/span.ts';
import { GEN_AI } from '../semconv/attributes.ts';
import { asString, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading } from './dialect.ts';
import { genAi } from './gen-ai.ts';

const SCOPE = 'livekit-agents';

/** What people said, what went to models and tools and what came back. Each began without the mark of the personal. */
const TRANSCRIPT = 'user_transcript';
const INPUT = ['function_tool.arguments', 'user_input', 'input_text', 'chat_ctx'] as const;
const OUTPUT = ['function_tool.output', 'response.text', 'response.function_calls', TRANSCRIPT] as const;

/** All that is personal; and metrics, which are in the other attributes. */
const CARRIED =
  /^lk\.(?:pii\..*|(?:llm|tts|realtime_model)_metrics|user_(?:transcript|input)|input_text|chat_ctx|instructions|function_tool\.(?:arguments|output)|response\.(?:text|function_calls))$/;

/**
 * LiveKit Agents: the GenAI conventions on calls of models and tools, and a dozen spans of a session around them, some
 * of which name the model too.
 * @see https://docs.livekit.io/agents/observability/
 */
export const livekit: Dialect = {
  id: 'livekit',
  recognises: (attributes, scope) =>
    scope === SCOPE && (genAi.recognises(attributes, scope) || textOf(attributes, [TRANSCRIPT]) !== undefined),
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const reading = genAi.read(span);
    const { call } = reading;
    const isCall = attributes[GEN_AI.operation] !== undefined || call?.usage !== undefined;
    return {
      ...reading,
      ...(!isCall && { type: 'span' }),
      ...(call && { call: withServer(isCall ? call : { ...call, operation: 'other' }) }),
      ...defined({
        input: call?.input ? undefined : (reading.input ?? textOf(attributes, INPUT)),
        output: call?.output ? undefined : (reading.output ?? textOf(attributes, OUTPUT)),
        userId: textOf(attributes, ['participant_identity']),
        sessionId: textOf(attributes, ['room_name']),
      }),
    } satisfies DialectReading;
  },
};

/** Plugins of APIs that many serve state the address in place of the provider. */
function withServer({ provider, ...call }: LlmCall): LlmCall {
  const [, host, port] = /^([\w-]+(?:\.[\w-]+)+)(?::(\d+))?$/.exec(provider ?? '') ?? [];
  if (host === undefined) return { ...call, ...defined({ provider }) };
  return { ...call, server: { address: host, ...(port !== undefined && { port: Number(port) }) } };
}

function textOf(attributes: SpanAttributes, names: readonly string[]): string | undefined {
  const values = names.flatMap((name) => [attributes[`lk.pii.${name}`], attributes[`lk.${name}`]]);
  return values.map(asString).find((text) => text !== undefined && text !== '');
}
