const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
const { startSdk } = require('./start-sdk.cjs');

startSdk({ instrumentations: [new OpenAIInstrumentation()] });
