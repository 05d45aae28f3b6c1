import { describe, expect, test } from 'vitest';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { countTaskOf, estimateByLength, taskLength } from '../../src/tokens/count-task.ts';
import { runCountTask } from '../../src/tokens/run-count-task.ts';

const BOTH = { input: true, output: true };

const CALL: LlmCall = {
  operation: 'chat',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  parameters: {},
  systemInstructions: [{ type: 'text', content: 'Be brief.' }],
  input: [
    {
      role: 'user',
      name: 'ada',
      parts: [
        { type: 'text', content: 'Weather in Oslo?' },
        { type: 'blob', modality: 'image', content: '[image/png, 48213 bytes]' },
        { type: 'blob', modality: 'audio', content: '[audio/wav, 48213 bytes]' },
      ],
    },
    { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Oslo' } }] },
    {
      role: 'user',
      parts: [
        { type: 'tool_call_response', id: 'c1', response: 'Rain' },
        { type: 'text', content: 'And now?' },
      ],
    },
  ],
  tools: [{ type: 'function', name: 'weather', description: 'Weather of a city' }],
  output: [
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', content: 'Hm.' },
        { type: 'text', content: 'Rain.' },
        { type: 'tool_call', name: 'weather', arguments: '{"city":' },
      ],
    },
  ],
  problems: [],
};

describe('countTaskOf', () => {
  test('a call as the messages that a chat API would have got', () => {
    expect(countTaskOf(CALL, BOTH)).toEqual({
      model: 'gpt-4o-2024-08-06',
      input: {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
          { role: 'user', name: 'ada', content: [{ type: 'text', text: 'Weather in Oslo?' }, { type: 'image_url' }] },
          {
            role: 'assistant',
            content: [],
            tool_calls: [{ id: 'c1', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'Rain' },
          { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
        ],
        tools: CALL.tools,
      },
      output: ['Hm.', 'Rain.', 'weather', '{"city":'],
    });
  });

  test('only what is missing, and only what is known', () => {
    expect(countTaskOf(CALL, { input: false, output: true })).not.toHaveProperty('input');
    const { input: _input, systemInstructions: _system, output: _output, ...unread } = CALL;
    expect(countTaskOf(unread, BOTH)).toEqual({ model: 'gpt-4o-2024-08-06' });
  });

  test('texts of embeddings are no messages', () => {
    const input = ['one', 'two'].map((content) => ({ role: 'user', parts: [{ type: 'text' as const, content }] }));
    const { systemInstructions: _system, ...embeddings } = { ...CALL, operation: 'embeddings', input };
    expect(countTaskOf(embeddings, { input: true, output: false })).toMatchObject({ input: { texts: ['one', 'two'] } });
  });
});

describe('a task', () => {
  test('is counted', () => {
    expect(runCountTask({ model: 'gpt-4o', input: { texts: ['Hello, world!', 'Hello'] }, output: ['Hello'] })).toEqual({
      input: 5,
      output: 1,
      method: 'tiktoken o200k_base',
    });
    expect(runCountTask({ model: 'claude-sonnet-4-6', output: ['Hello, world!'] })).toEqual({
      output: 5,
      method: 'tiktoken o200k_base x 1.15',
    });
  });

  test('has the length of its texts', () => {
    expect(taskLength({ model: 'm', input: { texts: ['ab', 'c'] }, output: ['de'] })).toBe(5);
    expect(taskLength({ model: 'm' })).toBe(0);
  });

  test('is estimated by length: text, calls and tools', () => {
    const task = countTaskOf(CALL, BOTH);
    const { input = 0, output = 0, method } = estimateByLength(task);
    expect(method).toBe('UTF-8 bytes / 4');
    expect(input).toBe(Math.ceil(taskLength({ ...task, output: [] }) / 4));
    expect(output).toBe(6);
  });
});
