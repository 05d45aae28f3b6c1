import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, onTestFinished, test } from 'vitest';
import { LangfuseSpanExporter } from '../../src/exporter/index.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { outcomeOf, playScenario, SCENARIOS } from '../support/scenarios.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Spans that Langfuse, given them as they are, counts or prices wrongly for the most part. */
test.each(SCENARIOS)('$title: Langfuse is sent what is on the bill', async (scenario) => {
  const sink = await startOtlpSink();
  onTestFinished(() => sink.close());
  const exporter = new LangfuseSpanExporter({
    baseUrl: sink.url,
    publicKey: 'pk',
    secretKey: 'sk',
    spool: { directory: temporaryDirectory() },
  });
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const ids = playScenario(scenario, provider);
  await provider.forceFlush();
  await provider.shutdown();
  expect(sink.spans).toHaveLength(scenario.spans.length);
  expect(outcomeOf(sink.spans, ids)).toEqual(scenario.expected);
});
