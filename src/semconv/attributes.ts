/**
 * Attribute names. The GenAI conventions' own are in the field tables of `fields.ts`; here are those with a rule of
 * their own, and ours.
 * @see https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/registry/attributes/gen-ai.md
 */

export const GEN_AI = {
  provider: 'gen_ai.provider.name',
  operation: 'gen_ai.operation.name',
  systemInstructions: 'gen_ai.system_instructions',
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  toolDefinitions: 'gen_ai.tool.definitions',
  toolName: 'gen_ai.tool.name',
  toolCallId: 'gen_ai.tool.call.id',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
  agentName: 'gen_ai.agent.name',
  /** Includes cache reads and writes, whatever the provider's own count includes. */
  inputTokens: 'gen_ai.usage.input_tokens',
  /** Includes reasoning, whatever the provider's own count includes. */
  outputTokens: 'gen_ai.usage.output_tokens',
  usagePrefix: 'gen_ai.usage.',
} as const;

/** What the conventions cannot carry and billing needs. */
export const OURS = {
  /** The provider's usage object verbatim, JSON. */
  usageRaw: 'otel_langfuse.usage.raw',
  /** How to read {@link OURS.usageRaw}: `RawUsage.format`. */
  usageFormat: 'otel_langfuse.usage.format',
  /** Facts of {@link BILLING_FACTS} that the response states outside its usage object, JSON. */
  billing: 'otel_langfuse.usage.billing',
  /** `true` where the counts are ours because the provider reported none. */
  usageEstimated: 'otel_langfuse.usage.estimated',
  /** The input and output of an estimate beside {@link OURS.usageRaw}, JSON: the conventions' sums may hold more. */
  usageCounted: 'otel_langfuse.usage.counted',
  /** `ReportedUsage.estimateMethod`. */
  estimateMethod: 'otel_langfuse.usage.estimate_method',
  /** Request parameters without a name in the conventions, JSON. */
  otherParameters: 'otel_langfuse.request.parameters',
  /** Of a span of another instrumentation that repeats a call: the id of the span that has it. */
  countedIn: 'otel_langfuse.usage.counted_in',
  /** `Problem[]`, JSON. */
  problems: 'otel_langfuse.problems',
} as const;

/** The fields of `ReportedUsage` that decide a price without being token counts. */
export const BILLING_FACTS = [
  'serverTools',
  'units',
  'serviceTier',
  'inferenceGeo',
  'speed',
  'searchContext',
  'billedUsd',
] as const;

export const ERROR_TYPE = 'error.type';
export const HTTP_STATUS = 'http.response.status_code';
export const SERVER_ADDRESS = 'server.address';
export const SERVER_PORT = 'server.port';

/** Replaces a content attribute whose mask failed: nothing of it is recorded. */
export const MASKED = '[masked]';
