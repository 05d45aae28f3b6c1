const { OpenAIInstrumentation } = require('@opentelemetry/instrumentation-openai');
const { startSdk } = require('./start-sdk.cjs');

startSdk({ instrumentations: [new OpenAIInstrumentation()] });
