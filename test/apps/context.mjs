import { trace } from '@opentelemetry/api';
import { withLlmContext } from 'otel-langfuse';
import { call, stream } from './call.mjs';

const tracer = trace.getTracer('app');
await tracer.startActiveSpan('request', async (request) => {
  await withLlmContext({ userId: 'ada', sessionId: 's1', feature: 'search', tags: ['beta'] }, async () => {
    await tracer.startActiveSpan('database', async (span) => span.end());
    await call();
    await withLlmContext({ userId: 'bob', promptName: 'answer', promptVersion: 2 }, stream);
  });
  request.end();
});
