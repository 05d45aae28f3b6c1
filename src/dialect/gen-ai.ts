import type { LlmCall, RequestParameters } from '../model/llm-call.ts';
import type { Problem } from '../model/problem.ts';
import type { SpanAttributes, SpanView } from '../model/span.ts';
import { GEN_AI, OURS, SERVER_ADDRESS, SERVER_PORT } from '../semconv/attributes.ts';
import { CALL_FIELDS, PARAMETER_FIELDS, PROMPT_NAME } from '../semconv/fields.ts';
import { asObject, asObjects, asNumber, asString, defined } from '../util/json-read.ts';
import type { Dialect, DialectReading, ObservationType } from './dialect.ts';
import { isContent, isContentEvent, readContent } from './gen-ai-content.ts';
import { isUsage, readUsageOf, unknownUsage } from './gen-ai-usage.ts';
import { readJson, readRows } from './shared/rows.ts';
import { readError } from './shared/span-error.ts';

/** `gen_ai.operation.name`. Any other operation is a generation if it names a model, and a plain span if not. */
const TYPES: ReadonlyMap<string, ObservationType> = new Map([
  ['chat', 'generation'],
  ['text_completion', 'generation'],
  ['generate_content', 'generation'],
  ['embeddings', 'embedding'],
  ['invoke_agent', 'agent'],
  ['create_agent', 'agent'],
  ['invoke_workflow', 'chain'],
  ['agent_step', 'chain'],
  ['plan', 'chain'],
  ['execute_tool', 'tool'],
  // A connection over which a model is called many times: the calls are generations of their own.
  ['realtime_session', 'span'],
  ['retrieval', 'retriever'],
  ['search_memory', 'retriever'],
  ['create_memory', 'tool'],
  ['update_memory', 'tool'],
  ['upsert_memory', 'tool'],
  ['delete_memory', 'tool'],
]);

/**
 * Each GenAI span has one of these. The provider's name is not among them: clients that trace themselves put it on
 * every request, a list of models too. Nor is the agent's: some put it on whatever happens inside an agent.
 */
const MARKS = [
  GEN_AI.operation,
  'gen_ai.system',
  'gen_ai.request.model',
  'gen_ai.response.model',
  GEN_AI.toolName,
] as const;

const CARRIED: ReadonlySet<string> = new Set([GEN_AI.toolArguments, GEN_AI.toolResult, OURS.problems]);

/**
 * The GenAI semantic conventions, current and former, and what this package adds to them: reads back exactly what
 * `semconv/write.ts` writes.
 */
export const genAi: Dialect = {
  id: 'gen-ai',
  recognises: (attributes) => MARKS.some((mark) => attributes[mark] !== undefined),
  carries: (attribute) => CARRIED.has(attribute) || isUsage(attribute) || isContent(attribute),
  carriesEvent: isContentEvent,
  read: (span) => {
    const call = readCall(span);
    return {
      type: typeOf(call),
      call,
      ...defined({
        input: textOf(span.attributes[GEN_AI.toolArguments]),
        output: textOf(span.attributes[GEN_AI.toolResult]),
      }),
      ...defined(readRows(span.attributes, [PROMPT_NAME])),
      metadata: unknownUsage(span.attributes),
    } satisfies DialectReading;
  },
};

function typeOf(call: LlmCall): ObservationType {
  return TYPES.get(call.operation) ?? (call.requestModel || call.responseModel ? 'generation' : 'span');
}

function readCall(span: SpanView): LlmCall {
  const { attributes } = span;
  const problems = readProblems(attributes);
  return {
    operation: asString(attributes[GEN_AI.operation]) ?? (attributes[GEN_AI.toolName] ? 'execute_tool' : 'chat'),
    ...readRows(attributes, CALL_FIELDS),
    parameters: readParameters(attributes),
    ...readContent(span),
    ...readUsageOf(span, problems),
    ...defined({ server: readServer(attributes), error: readError(span) }),
    problems,
  };
}

function readParameters(attributes: SpanAttributes): RequestParameters {
  const other = asObject(readJson(attributes, OURS.otherParameters));
  return {
    ...readRows(attributes, PARAMETER_FIELDS),
    ...(other && { other: other as NonNullable<RequestParameters['other']> }),
  };
}

function readServer(attributes: SpanAttributes): LlmCall['server'] {
  const address = hostOf(asString(attributes[SERVER_ADDRESS]));
  return address === undefined ? undefined : { address, ...defined({ port: asNumber(attributes[SERVER_PORT]) }) };
}

/** Semantic Kernel has the whole base address of the API there. */
function hostOf(address: string | undefined): string | undefined {
  return /^[a-z]+:\/\/([^/:]+)/.exec(address ?? '')?.[1] ?? address;
}

function readProblems(attributes: SpanAttributes): Problem[] {
  return asObjects(readJson(attributes, OURS.problems)).flatMap(({ code, message }) =>
    typeof code === 'string' && typeof message === 'string' ? [{ code, message }] : [],
  );
}

/** Structured attribute values exist in newer SDKs; text is what everybody writes. */
function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}
