import { describe, expect, test } from 'vitest';
import { findProtocol } from '../../src/protocol/protocols.ts';

describe('paths', () => {
  test.each([
    ['/v1/chat/completions', 'openai.chat'],
    ['/chat/completions', 'openai.chat'],
    ['/openai/deployments/my-gpt/chat/completions', 'openai.chat'],
    ['/openai/v1/chat/completions', 'openai.chat'],
    ['/api/v2/cortex/v1/chat/completions', 'openai.chat'],
    ['/v1beta/openai/chat/completions', 'openai.chat'],
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
    '/api/embeddings',
    '/surveys/12/responses',
    '/api/quiz/responses',
    '/teams/9/completions',
  ])('%s is none', (path) => {
    expect(findProtocol(path, 'llm.example')).toBeUndefined();
  });
});
