/**
 * otel-langfuse: every LLM call of a Node process, or of an OpenTelemetry pipeline, in Langfuse, with the tokens and
 * the cost that are on the provider's bill.
 */
export { type LlmContext, withLlmContext } from './context/llm-context.ts';
export { LangfuseSpanExporter, type LangfuseSpanExporterOptions } from './exporter/span-exporter.ts';
export { LlmSpanProcessor, type LlmSpanProcessorOptions } from './exporter/span-processor.ts';
export { LlmInstrumentation, type LlmInstrumentationConfig } from './instrumentation/llm-instrumentation.ts';
export { register, type RegisterOptions, type Registration } from './register.ts';
