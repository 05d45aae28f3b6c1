/**
 * Other instrumentations, each registered as its documentation says, and what the app then does.
 *
 * @typedef {Record<string, (model: string) => Promise<unknown>>} Scenarios
 */
import { createRequire } from 'node:module';
import {
  aiScenarios,
  anthropicOptions,
  anthropicScenarios,
  answeredBy,
  bedrockScenarios,
  langchainScenarios,
  mistralScenarios,
  openaiOptions,
  openaiScenarios,
} from './clients.mjs';

/** Instrumentations wrap what is loaded by `require` after them. */
const require = createRequire(import.meta.url);

/** An SDK that has no processor at all does not start. */
const NOBODY = { onStart() {}, onEnd() {}, async forceFlush() {}, async shutdown() {} };

/** In an SDK of the app's own, or with the provider that is there. @param {object[]} instrumentations */
async function register(instrumentations) {
  if (process.env.OWN_SDK) {
    const { NodeSDK } = await import('@opentelemetry/sdk-node');
    new NodeSDK({ instrumentations, spanProcessors: [NOBODY] }).start();
  } else {
    const { registerInstrumentations } = await import('@opentelemetry/instrumentation');
    registerInstrumentations({ instrumentations });
  }
}

const openai = () => openaiScenarios(new (require('openai').OpenAI)(openaiOptions));
const anthropic = () => anthropicScenarios(new (require('@anthropic-ai/sdk').Anthropic)(anthropicOptions));
const bedrock = () => bedrockScenarios(require('@aws-sdk/client-bedrock-runtime'));
const langchain = (callbacks) =>
  langchainScenarios(
    {
      ...require('@langchain/openai'),
      ...require('@langchain/core/runnables'),
      ...require('@langchain/core/prompts'),
    },
    callbacks,
  );

/** @param {string} module @param {string} name @param {() => Scenarios} scenarios @param {object} [options] */
const instrumented = (module, name, scenarios, options) => async () => {
  await register([new (require(module)[name])(options)]);
  return scenarios();
};

/** @param {string} version of `ai` @param {object} telemetry */
const ai = (version, provider, telemetry) => async () => {
  await register([]);
  const [module, { createOpenAI }, { z }] = await Promise.all([import(version), import(provider), import('zod')]);
  return aiScenarios(module, aiProvider(createOpenAI), await telemetry(module), z);
};

/** Strict, because the provider of ai 4 else takes it for one that does not report the usage of streams. */
const aiProvider =
  (create) =>
  (...words) =>
    create({ ...openaiOptions, compatibility: 'strict', fetch: answeredBy(...words) });

const experimental = () => ({ experimental_telemetry: { isEnabled: true } });

/** @type {Record<string, () => Promise<Scenarios>>} */
export const INSTRUMENTORS = {
  'openinference openai': instrumented(
    '@arizeai/openinference-instrumentation-openai',
    'OpenAIInstrumentation',
    openai,
  ),
  'openinference anthropic': instrumented(
    '@arizeai/openinference-instrumentation-anthropic',
    'AnthropicInstrumentation',
    anthropic,
  ),
  'openinference bedrock': instrumented(
    '@arizeai/openinference-instrumentation-bedrock',
    'BedrockInstrumentation',
    bedrock,
  ),
  'openinference langchain and openai': async () => {
    const { LangChainInstrumentation } = require('@arizeai/openinference-instrumentation-langchain');
    const { OpenAIInstrumentation } = require('@arizeai/openinference-instrumentation-openai');
    const instrumentation = new LangChainInstrumentation();
    await register([instrumentation, new OpenAIInstrumentation()]);
    instrumentation.manuallyInstrument(require('@langchain/core/callbacks/manager'));
    return langchain();
  },
  'openinference langchain': async () => {
    const { LangChainInstrumentation } = require('@arizeai/openinference-instrumentation-langchain');
    const instrumentation = new LangChainInstrumentation();
    await register([instrumentation]);
    instrumentation.manuallyInstrument(require('@langchain/core/callbacks/manager'));
    return langchain();
  },
  'openllmetry openai': instrumented('@traceloop/instrumentation-openai', 'OpenAIInstrumentation', openai),
  'openllmetry anthropic': instrumented('@traceloop/instrumentation-anthropic', 'AnthropicInstrumentation', anthropic),
  'openllmetry bedrock': instrumented('@traceloop/instrumentation-bedrock', 'BedrockInstrumentation', bedrock),
  'openllmetry langchain': async () => {
    const { LangChainInstrumentation } = require('@traceloop/instrumentation-langchain');
    const instrumentation = new LangChainInstrumentation();
    await register([instrumentation]);
    instrumentation.manuallyInstrument({ callbackManagerModule: require('@langchain/core/callbacks/manager') });
    return langchain();
  },
  'opentelemetry openai': instrumented('@opentelemetry/instrumentation-openai', 'OpenAIInstrumentation', openai),
  'langfuse openai': async () => {
    await register([]);
    const { observeOpenAI } = await import('@langfuse/openai');
    const { OpenAI } = await import('openai');
    return openaiScenarios(observeOpenAI(new OpenAI(openaiOptions)));
  },
  'langfuse langchain': async () => {
    await register([]);
    const { CallbackHandler } = await import('@langfuse/langchain');
    return langchain(() => [new CallbackHandler()]);
  },
  'langfuse vercel-ai': ai('ai', '@ai-sdk/openai', async ({ registerTelemetry }) => {
    const { LangfuseVercelAiSdkIntegration } = await import('@langfuse/vercel-ai-sdk');
    registerTelemetry(new LangfuseVercelAiSdkIntegration());
  }),
  'openlit openai': async () => {
    openlit();
    return openai();
  },
  'openlit anthropic': async () => {
    openlit();
    // Beside OpenLIT, the client's own helper for streams fails.
    const { 'messages stream helper': _broken, ...scenarios } = anthropic();
    return scenarios;
  },
  'openlit langchain': async () => {
    openlit();
    return langchain();
  },
  'ai 4': ai('ai4', 'ai4-openai', experimental),
  'ai 5': ai('ai5', 'ai5-openai', experimental),
  'ai 6': ai('ai6', 'ai6-openai', experimental),
  'ai 7': ai('ai', '@ai-sdk/openai', async ({ registerTelemetry }) => {
    const { OpenTelemetry } = await import('@ai-sdk/otel');
    registerTelemetry(new OpenTelemetry());
  }),
  '@anthropic-ai/sdk 1': async () => {
    await register([]);
    const { Anthropic } = await import('anthropic1');
    return anthropicScenarios(new Anthropic(anthropicOptions));
  },
  '@mistralai/mistralai 2': async () => {
    await register([]);
    const { Mistral } = await import('@mistralai/mistralai');
    const { configureTelemetry } = await import('@mistralai/mistralai/extra/observability/index.js');
    const client = new Mistral({ apiKey: 'test', serverURL: process.env.MISTRAL_URL });
    await configureTelemetry(client, 'global', { redaction: false });
    return mistralScenarios(client);
  },
};

/** Brings an SDK of its own. */
function openlit() {
  require('openlit').default.init({
    otlpEndpoint: process.env.STAND_IN_URL,
    disableMetrics: true,
    disableEvents: true,
    pricingJson: {},
  });
}
