// The present SDK of Langfuse, which exports by OTLP to the base URL it is given.
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { startObservation } from '@langfuse/tracing';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ spanProcessors: [new LangfuseSpanProcessor()] });
sdk.start();

const agent = startObservation('answer', { input: 'Why?' }, { asType: 'agent' });
const usageDetails = { input: 1000, output: 200, total: 1200 };
agent.startObservation('call', { model: 'gpt-4o', usageDetails }, { asType: 'generation' }).end();
agent.end();
await sdk.shutdown();
