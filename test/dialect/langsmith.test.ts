import { describe, expect, test } from 'vitest';
import type { DialectReading } from '../../src/dialect/dialect.ts';
import { langsmith } from '../../src/dialect/langsmith.ts';
import { spanOf } from '../support/span-view.ts';

function read(kind: string, attributes: object): DialectReading {
  return langsmith.read(spanOf({ attributes: { 'langsmith.span.kind': kind, ...attributes } }));
}

const lc = (name: string, kwargs: object): object => ({
  lc: 1,
  type: 'constructor',
  id: ['langchain_core', 'messages', name],
  kwargs,
});

describe('langsmith dialect', () => {
  test('messages of LangChain', () => {
    const call = { id: 'c1', name: 'get_weather', args: { city: 'Paris' } };
    const reading = read('llm', {
      'gen_ai.prompt': JSON.stringify({
        messages: [
          [
            lc('SystemMessage', { content: 'Be brief.' }),
            lc('HumanMessage', { content: 'Weather?' }),
            lc('ToolMessage', { content: '22', tool_call_id: 'c0' }),
          ],
        ],
      }),
      'gen_ai.completion': JSON.stringify({
        generations: [[{ text: '', message: lc('AIMessageChunk', { content: '', tool_calls: [call] }) }]],
      }),
    });
    expect(reading.call?.input).toEqual([
      { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
      { role: 'user', parts: [{ type: 'text', content: 'Weather?' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c0', response: '22' }] },
    ]);
    expect(reading.call?.output?.[0]).toMatchObject({
      role: 'assistant',
      parts: [{ type: 'text' }, { type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Paris' } }],
    });
  });

  test.each(['session_id', 'thread_id', 'conversation_id'])('%s of the metadata is the session', (name) => {
    expect(read('chain', { [`langsmith.metadata.${name}`]: 'chat-1' })).toMatchObject({
      sessionId: 'chat-1',
      metadata: {},
    });
  });

  test('the prompt that was pulled, and the metadata that is the app’s own', () => {
    const reading = read('llm', {
      'langsmith.metadata.lc_hub_repo': 'weather',
      'langsmith.metadata.ls_temperature': '0.2',
      'langsmith.metadata.LANGSMITH_PROJECT': 'default',
      'langsmith.metadata.plan': 'pro',
    });
    expect(reading).toMatchObject({ promptName: 'weather', metadata: { plan: 'pro' } });
    expect(reading.metadata).toEqual({ plan: 'pro' });
    expect(reading.call?.parameters).toEqual({ temperature: 0.2 });
  });

  test('sums alone are usage too', () => {
    const { call } = read('llm', { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 2 });
    expect(call?.usage).toMatchObject({ input: 10, output: 2 });
  });

  test.each([
    ['retriever', 'retriever'],
    ['tool', 'tool'],
    ['prompt', 'span'],
    ['parser', 'span'],
  ])('a %s is of type %s, whatever operation stands beside it', (kind, type) => {
    expect(read(kind, { 'gen_ai.operation.name': 'embeddings' }).type).toBe(type);
  });
});
