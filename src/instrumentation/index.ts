export { LlmInstrumentation, type LlmInstrumentationConfig } from './llm-instrumentation.ts';
