import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchModel } from '../../src/cost/match-model.ts';

function describeMatch(provider: string | undefined, name: string): string | undefined {
  const match = matchModel(provider, name);
  return match && `${match.provider} ${match.model.id}`;
}

const SONNET_ON_BEDROCK = 'aws regional.anthropic.claude-sonnet-4-5-20250929-v1:0';

describe('matchModel finds', () => {
  test.each([
    // as it is
    ['openai', 'gpt-4o', 'openai gpt-4o'],
    ['OpenAI', ' GPT-4o ', 'openai gpt-4o'],
    ['openai.responses', 'gpt-4o', 'openai gpt-4o'],
    ['azure.ai.openai', 'gpt-4o', 'openai gpt-4o'],
    // snapshots: a listed one has its own price, any other the price of its model
    ['openai', 'gpt-4o-2024-08-06', 'openai gpt-4o'],
    ['openai', 'gpt-4o-2024-05-13', 'openai gpt-4o-2024-05-13'],
    ['openai', 'gpt-4.1-2026-01-31', 'openai gpt-4.1'],
    ['openai', 'gpt-4o-audio-preview-2024-12-17', 'openai gpt-4o-audio-preview'],
    ['openai', 'gpt-4o-audio-preview-2024-10-01', 'openai gpt-4o-audio-preview-2024-10-01'],
    ['openai', 'gpt-5-nano-2025-08-07', 'openai gpt-5-nano'],
    ['anthropic', 'claude-sonnet-4-5-20250929', 'anthropic claude-sonnet-4-5'],
    ['anthropic', 'claude-sonnet-4-20250514', 'anthropic claude-sonnet-4-0'],
    ['anthropic', 'claude-3-5-sonnet-latest', 'anthropic claude-3-5-sonnet'],
    ['anthropic', 'claude-3-5-sonnet@20240620', 'anthropic claude-3-5-sonnet'],
    ['gcp.vertex_ai', 'claude-sonnet-4-5@20250929', 'google claude-sonnet-4-5'],
    ['gcp.gemini', 'gemini-1.5-flash-002', 'google gemini-1.5-flash'],
    ['gcp.gemini', 'gemini-2.5-flash-preview-09-2025', 'google gemini-2.5-flash'],
    // provider prefixes
    ['openai', 'openai/gpt-4o', 'openai gpt-4o'],
    [undefined, 'openai/gpt-4o', 'openai gpt-4o'],
    [undefined, 'azure/gpt-4o', 'openai gpt-4o'],
    [undefined, 'anthropic/claude-sonnet-4.5', 'anthropic claude-sonnet-4-5'],
    [undefined, 'vertex_ai/gemini-2.5-pro', 'google gemini-2.5-pro'],
    ['openai', 'anthropic/claude-sonnet-4.5', 'anthropic claude-sonnet-4-5'],
    ['openrouter', 'anthropic/claude-sonnet-4.5', 'openrouter anthropic/claude-sonnet-4.5'],
    ['gcp.gemini', 'models/gemini-2.5-flash', 'google gemini-2.5-flash'],
    ['vertex_ai', 'publishers/google/models/gemini-2.5-pro', 'google gemini-2.5-pro'],
    ['vertex_ai', 'projects/p/locations/l/publishers/google/models/gemini-2.5-pro', 'google gemini-2.5-pro'],
    // Bedrock
    ['aws.bedrock', 'anthropic.claude-sonnet-4-5-20250929-v1:0', SONNET_ON_BEDROCK],
    ['aws.bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', SONNET_ON_BEDROCK],
    ['anthropic', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0', SONNET_ON_BEDROCK],
    [
      'aws.bedrock',
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      SONNET_ON_BEDROCK,
    ],
    [
      'aws.bedrock',
      'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'aws global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    // fine-tuned
    ['openai', 'ft:gpt-4o-2024-08-06:acme::abc123', 'openai ft:gpt-4o-2024-08-06'],
    ['openai', 'ft:gpt-4o-mini-2024-07-18:acme:support:abc123', 'openai ft:gpt-4o-mini-2024-07-18'],
    ['openai', 'ft:gpt-3.5-turbo-0125:acme::abc123', 'openai ft:gpt-3.5-turbo-'],
    [undefined, 'ft:gpt-4.1-2025-04-14:acme::abc123', 'openai ft:gpt-4.1-2025-04-14'],
    // clouds with names of their own
    [undefined, 'accounts/fireworks/models/kimi-k2p5', 'fireworks kimi-k2p5'],
    ['openai', 'accounts/fireworks/models/kimi-k2p5', 'fireworks kimi-k2p5'],
    [undefined, 'bedrock/converse/anthropic.claude-sonnet-4-5-20250929-v1:0', SONNET_ON_BEDROCK],
    ['aws.bedrock', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0', 'aws amazon.nova-pro-v1:0'],
    // OpenRouter: routes cost what the model costs, free variants nothing
    ['openrouter', 'anthropic/claude-sonnet-4.5:nitro', 'openrouter anthropic/claude-sonnet-4.5'],
    [undefined, 'openrouter/openai/gpt-4o:floor', 'openrouter openai/gpt-4o'],
    ['openrouter', 'openai/gpt-4o:free', 'openrouter openai/gpt-4o:free'],
    ['openrouter', 'anyone/new-model:free', 'openrouter anyone/new-model:free'],
    // Azure's names
    ['azure', 'gpt-35-turbo-0125', 'openai gpt-3.5-turbo'],
    [undefined, 'azure/gpt-35-turbo', 'openai gpt-3.5-turbo'],
    ['gcp.gemini', 'models/gemini-2.5-flash-001', 'google gemini-2.5-flash'],
    // nobody said who serves it
    [undefined, 'gpt-4o', 'openai gpt-4o'],
    [undefined, 'text-embedding-3-small', 'openai text-embedding-3-small'],
    [undefined, 'mistral-large-latest', 'mistral mistral-large-latest'],
    ['langchain', 'claude-sonnet-4-5', 'anthropic claude-sonnet-4-5'],
  ])('%s %s', (provider, name, expected) => {
    expect(describeMatch(provider, name)).toBe(expected);
  });
});

describe('matchModel does not find', () => {
  test.each([
    ['openai', 'gpt-4o-ultra'],
    ['openai', 'gpt-45'],
    ['openai', 'gpt-4o-mini-ultra-2024-07-18'],
    ['openai', 'gpt-5-nano-ultra'],
    ['openai', 'my-gpt-4o'],
    ['openai', 'gpt-'],
    ['openai', ''],
    ['openai', '/'],
    ['openai', 'ft:gpt-9:acme::abc123'],
    ['anthropic', 'claude'],
    ['anthropic', 'claude-opus-4-10'],
    ['anthropic', 'claude-opus-4-1-5'],
    ['anthropic', 'claude-sonnet-5-6'],
    ['deepseek', 'deepseek-r1-distill-qwen-32b'],
    ['gcp.gemini', 'gemini-1.5-flash-8b'],
    ['aws.bedrock', 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefgh'],
    // whatever is the latest, not the first of that name
    ['gcp.gemini', 'gemini-pro-latest'],
    ['gcp.gemini', 'tunedModels/support-bot'],
    // a search is billed besides
    ['openrouter', 'openai/gpt-4o:online'],
    ['openai', 'gpt-4o:free'],
    ['azure', 'my-deployment'],
    ['aws.bedrock', 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefgh'],
    // prices of their own: AWS for governments, a data zone of Azure, whoever serves open weights
    ['aws.bedrock', 'us-gov.anthropic.claude-haiku-4-5-20251001-v1:0'],
    [undefined, 'azure/eu/gpt-4o-2024-08-06'],
    ['openai', 'gpt-oss-20b'],
    ['fireworks', 'accounts/acme/models/kimi-k2p5'],
    // known elsewhere, but this provider's price is its own
    ['groq', 'gpt-4o'],
    // open weights: who serves them decides about the price
    ['ollama', 'gpt-oss-20b'],
    ['ollama', 'deepseek-r1'],
    ['vllm', 'mistral-large-latest'],
    [undefined, 'gpt-oss-20b'],
  ])('%s %s', (provider, name) => {
    expect(describeMatch(provider, name)).toBeUndefined();
  });

  test('a known name with a word more', () => {
    const known = fc.constantFrom('gpt-4o', 'gpt-4.1', 'o3', 'gpt-5', 'claude-sonnet-4-5', 'claude-opus-4-8');
    const word = fc.stringMatching(/^[a-km-z][a-z]{4,9}$/);
    const separator = fc.constantFrom('-', '.', ':', '');
    const provider = fc.constantFrom(undefined, 'openai', 'anthropic');
    fc.assert(
      fc.property(known, separator, word, provider, (name, mark, more, who) => {
        const catalogWords = /^(?:default|preview|realtime|search|image|codex|audio|turbo)/;
        fc.pre(!catalogWords.test(more));
        return matchModel(who, name + mark + more) === undefined;
      }),
    );
  });
});

describe('matchModel says what it assumed', () => {
  test.each([
    ['openai', 'gpt-4o', undefined],
    [undefined, 'gpt-4o', 'provider not stated: list price of openai'],
    ['langchain', 'gpt-4o', 'provider langchain: list price of openai'],
    ['openai', 'gpt-4.1-2026-01-31', 'gpt-4.1-2026-01-31 is not listed by itself: price of gpt-4.1'],
  ])('%s %s', (provider, name, assumption) => {
    expect(matchModel(provider, name)?.assumption).toBe(assumption);
  });
});
