const { observeOpenAI } = require('@langfuse/openai');
const { LangfuseSpanProcessor } = require('@langfuse/otel');
const { startSdk } = require('./start-sdk.cjs');

startSdk({ processor: new LangfuseSpanProcessor(), wrap: (client) => observeOpenAI(client) });
