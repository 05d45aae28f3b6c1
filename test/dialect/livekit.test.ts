import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { livekit } from '../../src/dialect/livekit.ts';
import { spanOf } from '../support/span-view.ts';

describe('livekit dialect', () => {
  test('of a session, what is about models, tools and what was said goes', () => {
    expect(dialectOf({ 'gen_ai.request.model': 'm' }, 'livekit-agents')?.id).toBe(livekit.id);
    expect(dialectOf({ 'lk.user_transcript': 'Hello' }, 'livekit-agents')?.id).toBe(livekit.id);
    expect(dialectOf({ 'lk.agent_label': 'assistant' }, 'livekit-agents')).toBeUndefined();
  });

  test.each(['lk.', 'lk.pii.'])('what a person said is read under %s', (prefix) => {
    const attributes = { 'gen_ai.operation.name': 'invoke_agent', [`${prefix}user_input`]: 'Hello' };
    expect(livekit.read(spanOf({ attributes }))).toMatchObject({ type: 'agent', input: 'Hello' });
  });

  test('what names a model is a call if it says so or has used tokens', () => {
    const model = { 'gen_ai.request.model': 'gpt-4o' };
    expect(livekit.read(spanOf({ attributes: model })).type).toBe('span');
    const usage = { 'gen_ai.usage.input_tokens': 3 };
    expect(livekit.read(spanOf({ attributes: { ...model, ...usage } })).type).toBe('generation');
  });

  test.each([
    ['api.openai.com', { server: { address: 'api.openai.com' } }],
    ['llm.example.com:8443', { server: { address: 'llm.example.com', port: 8443 } }],
    ['openai', { provider: 'openai' }],
  ])('the provider %s is %o', (provider, expected) => {
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': provider };
    const { call } = livekit.read(spanOf({ attributes }));
    expect({
      ...(call?.provider && { provider: call.provider }),
      ...(call?.server && { server: call.server }),
    }).toEqual(expected);
  });
});
