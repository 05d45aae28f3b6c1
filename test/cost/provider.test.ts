import { describe, expect, test } from 'vitest';
import { findProvider, findProviderByAddress } from '../../src/cost/provider.ts';

describe('findProvider', () => {
  test.each([
    // the conventions
    ['openai', 'openai'],
    ['anthropic', 'anthropic'],
    ['aws.bedrock', 'aws'],
    ['azure.ai.openai', 'azure'],
    ['azure.ai.inference', 'azure'],
    ['gcp.gemini', 'google'],
    ['gcp.vertex_ai', 'google'],
    ['gcp.gen_ai', 'google'],
    ['x_ai', 'x-ai'],
    ['mistral_ai', 'mistral'],
    ['moonshot_ai', 'moonshotai'],
    ['deepseek', 'deepseek'],
    ['groq', 'groq'],
    ['perplexity', 'perplexity'],
    ['cohere', 'cohere'],
    // their former names
    ['az.ai.openai', 'azure'],
    ['vertex_ai', 'google'],
    ['xai', 'x-ai'],
    // frameworks
    ['openai.responses', 'openai'],
    ['google.generative-ai', 'google'],
    ['google.vertex.chat', 'google'],
    ['amazon-bedrock', 'aws'],
    ['togetherai.chat', 'together'],
    ['Anthropic', 'anthropic'],
    // not a provider of the catalog
    ['ibm.watsonx.ai', undefined],
    ['langchain', undefined],
    ['ollama', undefined],
    ['', undefined],
    ['.', undefined],
  ])('%s', (name, expected) => {
    expect(findProvider(name)).toBe(expected);
  });
});

describe('findProviderByAddress', () => {
  test.each([
    ['api.openai.com', 'openai'],
    ['https://api.groq.com/openai/v1', 'groq'],
    ['api.deepseek.com', 'deepseek'],
    ['my-resource.openai.azure.com', 'azure'],
    ['bedrock-runtime.us-east-1.amazonaws.com', 'aws'],
    ['API.ANTHROPIC.COM', 'anthropic'],
    ['127.0.0.1', undefined],
    ['localhost', undefined],
    ['gateway.example', undefined],
  ])('%s', (address, expected) => {
    expect(findProviderByAddress(address)).toBe(expected);
  });
});
