/**
 * Captures the spans of Strands Agents for TypeScript.
 *
 *     npm ci --ignore-scripts --legacy-peer-deps --prefix test/dialects/strands && node test/dialects/strands/capture.mjs
 */
import Anthropic from '@anthropic-ai/sdk';
import { trace } from '@opentelemetry/api';
import { Agent } from '@strands-agents/sdk';
import { AnthropicModel } from '@strands-agents/sdk/models/anthropic';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';
import { recordFixtures } from '../record-fixtures.mjs';

await recordFixtures('strands', (provider, url) => {
  trace.setGlobalTracerProvider(provider);
  return {
    'typescript-anthropic-cached': ask(anthropic(url, 'cached')),
    'typescript-anthropic-cache-write': ask(anthropic(url, 'cache-write')),
    'typescript-openai-cached': ask(openai(url, 'cached')),
  };
});

function ask(model) {
  const agent = new Agent({ model, name: 'assistant', systemPrompt: 'Be brief.', printer: false });
  return () => agent.invoke('What is the weather in Paris?');
}

function anthropic(baseURL, answer) {
  const client = new Anthropic({ apiKey: 'none', baseURL, maxRetries: 0, defaultHeaders: { 'x-stand-in': answer } });
  return new AnthropicModel({ modelId: 'claude-sonnet-4-5', maxTokens: 100, client });
}

function openai(url, answer) {
  const clientConfig = { baseURL: `${url}/v1`, maxRetries: 0, defaultHeaders: { 'x-stand-in': answer } };
  return new OpenAIModel({ api: 'chat', modelId: 'gpt-4o-mini', apiKey: 'none', clientConfig });
}
