// An app whose calls OpenTelemetry's own instrumentation of the openai client traces.
const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
const { NodeSDK } = require('@opentelemetry/sdk-node');

/** An SDK that has no processor at all does not start. */
const nobody = { onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {} };
const sdk = new NodeSDK({ instrumentations: [new OpenAIInstrumentation()], spanProcessors: [nobody] });
sdk.start();

const { OpenAI } = require('openai');
const openai = new OpenAI({
  apiKey: 'sk-test',
  baseURL: `${process.env.STAND_IN_URL}/v1`,
  defaultHeaders: { 'x-stand-in': 'cached' },
});
const messages = [{ role: 'user', content: 'Weather?' }];
openai.chat.completions.create({ model: 'gpt-4o', messages }).then(() => sdk.shutdown());
