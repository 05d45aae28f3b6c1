/**
 * Captures the spans of the Langfuse SDK as fixtures.
 *
 *     npm ci --prefix test/dialects/langfuse-sdk && node test/dialects/langfuse-sdk/capture.mjs
 */
import { setLangfuseTracerProvider, startObservation } from '@langfuse/tracing';
import { recordFixtures } from '../record-fixtures.mjs';

const MESSAGES = [{ role: 'user', content: 'What is the weather in Paris?' }];

const observe = (attributes, asType) => async () => {
  startObservation(`${asType} of the app`, attributes, { asType }).end();
};

await recordFixtures('langfuse-sdk', (provider) => {
  setLangfuseTracerProvider(provider);
  return {
    generation: observe(
      {
        model: 'gpt-4o-mini',
        modelParameters: { temperature: 0.2, max_tokens: 200 },
        input: MESSAGES,
        output: { role: 'assistant', content: 'Paris is sunny.' },
        usageDetails: { input: 46, input_cached_tokens: 3200, output: 8, total: 3254 },
        costDetails: { input: 0.0000069, input_cached_tokens: 0.00024, output: 0.0000048, total: 0.0002517 },
        prompt: { name: 'weather', version: 3, isFallback: false },
        metadata: { plan: 'pro' },
      },
      'generation',
    ),
    'generation-names-of-its-own': observe(
      {
        model: 'house-model',
        input: 'Good morning',
        usageDetails: { input: 10, output: 5, cache_read_input_tokens: 7 },
      },
      'generation',
    ),
    'generation-without-usage': observe({ model: 'gpt-4o-mini', input: MESSAGES, level: 'ERROR' }, 'generation'),
    embedding: observe(
      { model: 'text-embedding-3-small', input: 'Paris, France', usageDetails: { input: 3 } },
      'embedding',
    ),
    tool: observe({ input: { city: 'Paris' }, output: { degrees: 22 } }, 'tool'),
    agent: async () => {
      const agent = startObservation('agent of the app', { input: 'Plan a trip' }, { asType: 'agent' });
      agent.setTraceIO({ input: 'Plan a trip', output: 'To Paris, then.' }).end();
    },
    event: observe({ input: 'A button was pressed' }, 'event'),
  };
});
