import path from 'node:path';

/** Who is measured, and the file that switches it on. */
export const VARIANTS = {
  none: { label: 'without instrumentation', setup: undefined },
  ours: { label: 'otel-langfuse', setup: file('ours.mjs') },
  openinference: { label: '@arizeai/openinference-instrumentation-openai', setup: file('peers/openinference.cjs') },
  traceloop: { label: '@traceloop/instrumentation-openai', setup: file('peers/traceloop.cjs') },
  opentelemetry: { label: '@opentelemetry/instrumentation-openai', setup: file('peers/opentelemetry.cjs') },
  langfuse: { label: '@langfuse/openai', setup: file('peers/langfuse.cjs') },
};

function file(name) {
  return path.join(import.meta.dirname, name);
}

/** Arguments for Node to run an app under a variant. */
export function preloadOf({ setup }) {
  return setup ? ['--require', setup] : [];
}
