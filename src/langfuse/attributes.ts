/**
 * The attributes Langfuse reads from an OTLP span.
 * @see https://langfuse.com/integrations/native/opentelemetry#property-mapping
 */
export const LANGFUSE = {
  type: 'langfuse.observation.type',
  /** Text: JSON is shown structured. */
  input: 'langfuse.observation.input',
  output: 'langfuse.observation.output',
  model: 'langfuse.observation.model.name',
  /** JSON object of strings and numbers. */
  modelParameters: 'langfuse.observation.model.parameters',
  /** JSON object of token counts. If it is absent Langfuse counts tokens itself, from input and output. */
  usageDetails: 'langfuse.observation.usage_details',
  /** JSON object in USD. If it is absent Langfuse prices the usage itself; without `total` it shows no cost. */
  costDetails: 'langfuse.observation.cost_details',
  /** ISO 8601. */
  completionStartTime: 'langfuse.observation.completion_start_time',
  /** `DEBUG`, `DEFAULT`, `WARNING` or `ERROR`. */
  level: 'langfuse.observation.level',
  statusMessage: 'langfuse.observation.status_message',
  promptName: 'langfuse.observation.prompt.name',
  promptVersion: 'langfuse.observation.prompt.version',
  /** Followed by a key. */
  metadata: 'langfuse.observation.metadata.',
  environment: 'langfuse.environment',
  release: 'langfuse.release',
  version: 'langfuse.version',
  traceName: 'langfuse.trace.name',
  tracePublic: 'langfuse.trace.public',
  /** Followed by a key. */
  traceMetadata: 'langfuse.trace.metadata.',
  traceInput: 'langfuse.trace.input',
  traceOutput: 'langfuse.trace.output',
  /** Takes name, input and output of the trace from this span although it has a parent. */
  asRoot: 'langfuse.internal.as_root',
  userId: 'user.id',
  sessionId: 'session.id',
  /** List of strings. */
  tags: 'langfuse.trace.tags',
} as const;
