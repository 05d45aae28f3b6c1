const { OpenAIInstrumentation } = require('@traceloop/instrumentation-openai');
const { startSdk } = require('./start-sdk.cjs');

startSdk({ instrumentations: [new OpenAIInstrumentation()] });
