import { describe, expect, test } from 'vitest';
import { findProtocol } from '../../src/protocol/protocols.ts';

describe('paths', () => {
  test.each([
    ['/v1/chat/completions', 'openai.chat'],
    ['/chat/completions', 'openai.chat'],
    ['/openai/deployments/my-gpt/chat/completions', 'openai.chat'],
    ['/openai/v1/chat/completions', 'openai.chat'],
    ['/api/v2/cortex/v1/chat/completions', 'openai.chat'],
    ['/v1/completions', 'openai.completions'],
    ['/beta/completions', 'openai.completions'],
    ['/openai/deployments/my-gpt/completions', 'openai.completions'],
    ['/v1/responses', 'openai.responses'],
    ['/responses', 'openai.responses'],
    ['/openai/responses', 'openai.responses'],
    ['/backend-api/codex/responses', 'openai.responses'],
    ['/v1/embeddings', 'openai.embeddings'],
    ['/openai/deployments/ada/embeddings', 'openai.embeddings'],
    ['/inference/v1/embeddings', 'openai.embeddings'],
    ['/v1/responses/compact', 'openai.responses'],
    ['/v1/images/generations', 'openai.images'],
    ['/openai/deployments/dall-e-3/images/generations', 'openai.images'],
    ['/v1/images/edits', 'openai.images'],
    ['/v1/images/variations', 'openai.images'],
    ['/v1/audio/speech', 'openai.speech'],
    ['/openai/v1/audio/transcriptions', 'openai.transcription'],
    ['/v1/audio/translations', 'openai.transcription'],
    ['/v1/moderations', 'openai.moderations'],
    ['/v1/messages', 'anthropic.messages'],
    ['/anthropic/v1/messages', 'anthropic.messages'],
    ['/v1beta/models/gemini-2.5-flash:generateContent', 'gcp.gemini.generate_content'],
    ['/v1beta/tunedModels/mine-7f3:streamGenerateContent', 'gcp.gemini.generate_content'],
    ['/v1/projects/p/locations/l/endpoints/123:generateContent', 'gcp.gemini.generate_content'],
    ['/google-vertex/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent', 'gcp.gemini.generate_content'],
    ['/v1beta/models/gemini-embedding-2:embedContent', 'gcp.gemini.embeddings'],
    ['/v1beta/models/gemini-embedding-001:batchEmbedContents', 'gcp.gemini.embeddings'],
    ['/v1/projects/p/locations/l/publishers/google/models/textembedding-gecko@003:predict', 'gcp.gemini.embeddings'],
    ['/v1/agents/completions', 'openai.chat'],
    ['/api/v2/cortex/inference:complete', 'openai.chat'],
    ['/v1/fim/completions', 'openai.completions'],
    ['/v1/conversations', 'mistral_ai.conversations'],
    ['/v1/conversations/conv_1/restart', 'mistral_ai.conversations'],
    ['/v1/chat', 'cohere.chat'],
    ['/v2/chat', 'cohere.chat'],
    ['/proxy/cohere/v2/embed', 'cohere.embed'],
    ['/v1/generate', 'cohere.generate'],
    ['/v1/rerank', 'cohere.rerank'],
    ['/v2/rerank', 'cohere.rerank'],
    ['/rerank', 'cohere.rerank'],
    ['/api/chat', 'ollama.chat'],
    ['/ollama/api/generate', 'ollama.generate'],
    ['/api/embed', 'ollama.embed'],
    ['/api/embeddings', 'ollama.embed'],
    ['/v1beta/openai/chat/completions', 'gcp.gemini.chat'],
    ['/v1/projects/p/locations/l/endpoints/openapi/chat/completions', 'gcp.gemini.chat'],
    ['/v1beta/interactions', 'gcp.gemini.interactions'],
    ['/v1beta1/projects/p/locations/l/interactions', 'gcp.gemini.interactions'],
    ['/v1/projects/p/locations/l/publishers/anthropic/models/claude-opus-5:rawPredict', 'gcp.vertex_ai.anthropic'],
    ['/v1/projects/p/locations/l/publishers/mistralai/models/codestral-2:streamRawPredict', 'gcp.vertex_ai.chat'],
  ])('%s is %s', (path, id) => {
    expect(findProtocol(path, 'llm.example')?.id).toBe(id);
  });

  test.each([
    '/',
    '',
    '/v1/models',
    '/v1/chat/completions/chatcmpl-1',
    '/v1/responses/resp_1/cancel',
    '/v1/responses/input_tokens',
    '/v1/messages/count_tokens',
    '/v1/messages/batches',
    '/v1/threads/thread_1/messages',
    '/v1/complete',
    '/photos/images/edits',
    '/forum/moderations',
    '/v1/chats',
    '/v1/chat/7',
    '/v1/tokenize',
    '/v1/embed-jobs',
    '/shop/rerank',
    '/api/tags',
    '/v1/agents',
    '/surveys/12/responses',
    '/api/quiz/responses',
    '/teams/9/completions',
    '/v1beta/models/gemini-2.5-flash:countTokens',
    '/v1beta/models/gemini-2.5-flash:batchGenerateContent',
    '/v1beta/interactions/v1_abc/cancel',
    '/crm/v1/interactions',
    '/v1/projects/p/locations/l/publishers/google/models/imagen-4.0-generate-001:predict',
    '/v1/projects/p/locations/l/endpoints/123:predict',
    '/v1/projects/p/locations/l/endpoints/123:rawPredict',
    '/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict',
  ])('%s is none', (path) => {
    expect(findProtocol(path, 'llm.example')).toBeUndefined();
  });
});

test('a path that two vendors share is read by the host', () => {
  expect(findProtocol('/v1/chat', 'api.writer.com')?.id).toBe('openai.chat');
  expect(findProtocol('/v1/chat', 'API.writer.com:443')?.id).toBe('openai.chat');
  expect(findProtocol('/v1/chat', 'ghostwriter.com')?.id).toBe('cohere.chat');
  expect(findProtocol('/v1/chat', 'api.cohere.com')?.id).toBe('cohere.chat');
  expect(findProtocol('/v1/conversations', 'api.openai.com')).toBeUndefined();
});

describe('requests to a path that apps use as well', () => {
  test.each([
    ['/api/chat', 'localhost:3000', { id: 'chat-7', messages: [{ role: 'user', content: '"model": x' }] }],
    ['/api/generate', 'localhost:3000', { prompt: 'a logo' }],
    ['/v1/chat', 'bots.internal', { message: 'hello' }],
    ['/v1/generate', 'reports.internal', { report: 'sales' }],
    ['/v1/conversations', 'desk.internal', { metadata: { topic: 'inputs' }, items: [] }],
  ])('%s is left alone where it is not a call of ours', (path, host, body) => {
    expect(findProtocol(path, host)?.isForeign?.(JSON.stringify(body), host)).toBe(true);
  });

  test.each([
    ['/api/chat', 'localhost:3000', { model: 'llama3.2', messages: [] }],
    ['/v1/chat', 'bots.internal', { message: 'hello', stream: false }],
    ['/v1/chat', 'api.cohere.com', { message: 'hello' }],
    ['/v2/chat', 'bots.internal', { model: 'command-a-03-2025', messages: [] }],
  ])('%s is read where it is one', (path, host, body) => {
    expect(findProtocol(path, host)?.isForeign?.(JSON.stringify(body), host)).toBe(false);
  });
});
