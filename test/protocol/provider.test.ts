import { afterEach, describe, expect, test } from 'vitest';
import { anthropicMessages } from '../../src/protocol/anthropic-messages.ts';
import { googleGenerateContent } from '../../src/protocol/google-generate-content.ts';
import { openaiChat } from '../../src/protocol/openai-chat.ts';
import { inferProvider, nameProviders } from '../../src/protocol/provider.ts';

describe('the provider of a call', () => {
  test.each([
    ['api.openai.com', '/v1/chat/completions', 'openai'],
    ['eu.api.openai.com', '/v1/chat/completions', 'openai'],
    ['my-org.openai.azure.com', '/openai/v1/chat/completions', 'azure.ai.openai'],
    ['api.groq.com', '/openai/v1/chat/completions', 'groq'],
    ['API.X.AI:443', '/v1/chat/completions', 'x_ai'],
    ['api.mistral.ai', '/v1/chat/completions', 'mistral_ai'],
    ['openrouter.ai', '/api/v1/chat/completions', 'openrouter'],
    ['bedrock-mantle.us-east-1.api.aws', '/openai/v1/chat/completions', 'aws.bedrock'],
    ['localhost:8787', '/groq/openai/v1/chat/completions', 'groq'],
    ['localhost:8000', '/v1/chat/completions', 'openai'],
    ['notx.ai', '/v1/chat/completions', 'openai'],
  ])('%s%s is %s', (host, path, provider) => {
    expect(inferProvider(host, path, openaiChat)).toBe(provider);
  });

  test('is the vendor of the protocol where the host says nothing', () => {
    expect(inferProvider('llm.internal', '/v1/messages', anthropicMessages)).toBe('anthropic');
    expect(inferProvider('api.deepseek.com', '/anthropic/v1/messages', anthropicMessages)).toBe('deepseek');
    expect(inferProvider('my.services.ai.azure.com', '/anthropic/v1/messages', anthropicMessages)).toBe('anthropic');
  });

  const gemini = '/v1beta/models/gemini-2.5-flash:generateContent';
  const vertex = '/v1/projects/p/locations/l/publishers/google/models/gemini-2.5-flash:generateContent';
  test.each([
    ['generativelanguage.googleapis.com', gemini, 'gcp.gemini'],
    ['localhost:8080', gemini, 'gcp.gemini'],
    ['aiplatform.googleapis.com', vertex, 'gcp.vertex_ai'],
    ['us-central1-aiplatform.googleapis.com', vertex, 'gcp.vertex_ai'],
    ['aiplatform.eu.rep.googleapis.com', vertex, 'gcp.vertex_ai'],
    ['localhost:8080', vertex, 'gcp.vertex_ai'],
    ['localhost:8787', `/google-vertex${gemini}`, 'gcp.vertex_ai'],
  ])('%s%s is %s', (host, path, provider) => {
    expect(inferProvider(host, path, googleGenerateContent)).toBe(provider);
  });
});

const behind = (headers: Record<string, string>, path = '/v1/chat/completions', host = 'gateway.internal'): string =>
  inferProvider(host, path, openaiChat, (name) => headers[name]);

describe('the provider behind a host of no vendor', () => {
  test.each([
    [{ 'x-litellm-model-api-base': 'https://api.fireworks.ai/inference/v1' }, 'fireworks'],
    [{ 'x-litellm-model-api-base': 'http://localhost:8001', 'openai-version': '2020-10-01' }, 'openai'],
    [{ 'x-portkey-provider': 'together-ai', 'openai-version': '2020-10-01' }, 'together'],
    [{ 'x-portkey-provider': 'Lambda' }, 'lambda'],
    [{ 'azureml-model-session': 'd012', 'openai-version': '2020-10-01' }, 'azure.ai.openai'],
    [{ 'openai-version': '2020-10-01' }, 'openai'],
    [{ 'anthropic-organization-id': '5c8a' }, 'anthropic'],
    [{ 'x-groq-region': 'fra' }, 'groq'],
    [{}, 'openai'],
  ])('is the one that the response names: %j', (headers, provider) => {
    expect(behind(headers)).toBe(provider);
  });

  test('is the one that the path names only if the response names none', () => {
    expect(behind({}, '/mistral-ai/v1/chat/completions')).toBe('mistral_ai');
    expect(behind({ 'x-groq-region': 'fra' }, '/mistral-ai/v1/chat/completions')).toBe('groq');
    expect(behind({}, '/openai/deployments/my-gpt/chat/completions')).toBe('azure.ai.openai');
  });

  test('is never what the response says where the host is a vendor’s', () => {
    expect(behind({ 'openai-version': '2020-10-01' }, '/v1/chat/completions', 'api.portkey.ai')).toBe('portkey');
  });

  afterEach(() => nameProviders({}));

  test('is what the user says, whatever else speaks against it', () => {
    nameProviders({ 'LLM.internal': 'mistral_ai', 'localhost:8000': 'vllm', 'api.openai.com': 'mine' });
    expect(behind({ 'x-groq-region': 'fra' }, '/v1/chat/completions', 'eu.llm.internal:8443')).toBe('mistral_ai');
    expect(behind({}, '/v1/chat/completions', 'localhost:8000')).toBe('vllm');
    expect(behind({}, '/v1/chat/completions', 'localhost:8001')).toBe('openai');
    expect(behind({}, '/v1/chat/completions', 'api.openai.com')).toBe('mine');
  });
});
