/** Name and version of the instrumentation scope of our spans. */
export const SCOPE = { name: 'otel-langfuse', version: '0.1.0' } as const;
