import type { LlmCall } from '../model/llm-call.ts';
import type { ToolDefinition } from '../model/message.ts';
import type { SpanAttributes } from '../model/span.ts';
import type { RowOf } from '../semconv/fields.ts';
import { asObject, asString, asStrings, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading, ObservationType } from './dialect.ts';
import { genAi } from './gen-ai.ts';
import { readBelow, readRows } from './shared/rows.ts';
import { readContent } from './vercel-ai-content.ts';
import { readUsageOf, unknownSdkUsage } from './vercel-ai-usage.ts';

/** The name of the integration's own tracer. An app may give it another. */
const SCOPE = 'gen_ai';
const CONTEXT = 'ai.settings.context.';

/** What the integration adds, if it is told to, that names it whatever the tracer. */
const MARKS = ['ai.usage.inputTokenDetails.noCacheTokens', 'ai.response.providerMetadata', 'ai.values', 'ai.value'];

/** Operations whose span encloses one of the same operation, which alone has the usage. */
const ENCLOSING: ReadonlySet<string> = new Set(['embeddings', 'rerank', 'decide']);

/** Values of the app's runtime context that Langfuse has places for. */
const TRACE_FIELDS: readonly RowOf<Pick<DialectReading, 'userId' | 'sessionId' | 'tags'>>[] = [
  { field: 'userId', attribute: `${CONTEXT}userId`, parse: asString },
  { field: 'sessionId', attribute: `${CONTEXT}sessionId`, parse: asString },
  { field: 'tags', attribute: `${CONTEXT}tags`, parse: asStrings },
];
const PLACED: ReadonlySet<string> = new Set(TRACE_FIELDS.map(({ attribute }) => attribute));

/** Content, usage and metadata, and what is never sent: vectors, and headers of the app's requests. */
const CARRIED = /^ai\.(?!prompt\.toolChoice$)/;

/**
 * The Vercel AI SDK, version 7, through `@ai-sdk/otel`: the GenAI conventions, and beside them what an app switches on.
 * What its former integration makes is read by `vercel-ai.ts`.
 * @see https://ai-sdk.dev/docs/ai-sdk-core/telemetry
 */
export const vercelAi7: Dialect = {
  id: 'vercel-ai-7',
  recognises: (attributes, scope) =>
    (scope === SCOPE || MARKS.some((mark) => attributes[mark] !== undefined)) && genAi.recognises(attributes, scope),
  carries: (attribute) => CARRIED.test(attribute) || genAi.carries(attribute),
  carriesEvent: genAi.carriesEvent,
  read: (span) => {
    const { attributes } = span;
    const reading = genAi.read(span);
    const call = reading.call && completed(reading.call, attributes);
    return {
      ...reading,
      type: typeOf(reading.type, call),
      ...defined({ call }),
      ...readRows(attributes, TRACE_FIELDS),
      metadata: { ...reading.metadata, ...readRuntimeContext(attributes), ...unknownSdkUsage(attributes) },
    } satisfies DialectReading;
  },
};

function typeOf(type: ObservationType, call: LlmCall | undefined): ObservationType {
  return call && ENCLOSING.has(call.operation) && !call.usage ? 'chain' : type;
}

function completed(call: LlmCall, attributes: SpanAttributes): LlmCall {
  const { usage: _sums, ...rest } = call;
  return {
    ...rest,
    ...usageOf(call, attributes),
    ...defined({ input: call.input ?? readContent(attributes).input, tools: call.tools?.map(withParameters) }),
  };
}

/** The provider's own usage object where the app has the SDK record it; else the sums with what details there are. */
function usageOf({ operation, usage }: LlmCall, attributes: SpanAttributes): Pick<LlmCall, 'usage' | 'rawUsage'> {
  if (!usage) return {};
  const recorded = readUsageOf(attributes, operation === 'invoke_agent');
  return recorded.rawUsage ? recorded : { usage: { ...recorded.usage, ...usage } };
}

/** The SDK names the schema of a tool as its own interface does. */
function withParameters(tool: ToolDefinition): ToolDefinition {
  const { inputSchema: parameters, ...rest } = asObject(tool) ?? {};
  return parameters === undefined ? tool : ({ ...rest, parameters } as unknown as ToolDefinition);
}

/** What the app says about the run, but for what has a place of its own. */
function readRuntimeContext(attributes: SpanAttributes): Record<string, unknown> {
  return readBelow(attributes, CONTEXT, (name) => !PLACED.has(name));
}
