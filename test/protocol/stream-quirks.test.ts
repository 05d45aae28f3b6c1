import { describe, expect, test } from 'vitest';
import { NO_FACTS } from '../support/read-wire.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { MessagePart } from '../../src/model/message.ts';
import { anthropicMessages } from '../../src/protocol/anthropic-messages.ts';
import { openaiChat } from '../../src/protocol/openai-chat.ts';
import { openaiResponses } from '../../src/protocol/openai-responses.ts';
import type { Protocol, ResponseReading } from '../../src/protocol/protocol.ts';

function read(protocol: Protocol, events: readonly JsonObject[], maxTextLength = 10_000): ResponseReading {
  const assembler = protocol.streamAssembler(maxTextLength);
  for (const data of events) assembler.push({ data });
  return protocol.readResponse(assembler.body() ?? {}, NO_FACTS);
}

const parts = (reading: ResponseReading): MessagePart[] | undefined => reading.output?.[0]?.parts;
const delta = (value: JsonObject): JsonObject => ({ choices: [{ index: 0, delta: value }] });
const call = (index: number | undefined, id: string | undefined, name: string | undefined, json: string): JsonObject =>
  delta({ tool_calls: [{ index, id, function: { name, arguments: json } }] });

describe('chat streams of compatible servers', () => {
  test('Writer’s completions are nothing but texts', () => {
    expect(parts(read(openaiChat, [{ value: 'Neap' }, { value: ' tide' }]))).toEqual([
      { type: 'text', content: 'Neap tide' },
    ]);
  });

  const two: MessagePart[] = [
    { type: 'tool_call', id: 'a', name: 'f', arguments: { x: 1 } },
    { type: 'tool_call', id: 'b', name: 'g', arguments: { y: 2 } },
  ];

  test.each<[string, JsonObject[]]>([
    [
      'interleaved',
      [
        call(0, 'a', 'f', '{"x'),
        call(1, 'b', 'g', '{"y'),
        call(0, undefined, undefined, '":1}'),
        call(1, undefined, undefined, '":2}'),
      ],
    ],
    ['all at index 0', [call(0, 'a', 'f', '{"x":1}'), call(0, 'b', 'g', '{"y"'), call(0, 'b', undefined, ':2}')]],
    [
      'without an index',
      [call(undefined, 'a', 'f', '{"x"'), call(undefined, 'a', undefined, ':1}'), call(undefined, 'b', 'g', '{"y":2}')],
    ],
  ])('two tool calls, %s', (_name, events) => {
    expect(parts(read(openaiChat, events))).toEqual(two);
  });

  test('thoughts and text as lists of parts (Mistral)', () => {
    const thought = (text: string): JsonObject =>
      delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] });
    const events = [
      delta({ content: '' }),
      thought('First '),
      thought('think.'),
      delta({ content: [{ type: 'text', text: 'Then ' }] }),
      delta({ content: 'talk.' }),
    ];
    expect(parts(read(openaiChat, events))).toEqual([
      { type: 'reasoning', content: 'First think.' },
      { type: 'text', content: 'Then talk.' },
    ]);
    expect(parts(read(openaiChat, events, 8))?.[0]).toEqual({ type: 'reasoning', content: 'First th… [cut]' });
  });

  test.each<[string, JsonObject]>([
    ['Groq', { choices: [], x_groq: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }],
    [
      'Moonshot',
      { choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 4 } }] },
    ],
    ['a server that counts in every chunk', { choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }],
  ])('usage where %s puts it', (_vendor, last) => {
    const { usage } = read(openaiChat, [{ ...delta({ content: 'a' }) }, last]);
    expect(usage).toMatchObject({ input: 3, output: 4 });
  });

  test('a failure of the upstream provider on the choice (OpenRouter)', () => {
    const failed = {
      choices: [
        { index: 0, delta: { content: '' }, finish_reason: 'error', error: { code: 502, message: 'Bad gateway' } },
      ],
    };
    expect(read(openaiChat, [delta({ content: 'a' }), failed]).error).toEqual({ type: '502', message: 'Bad gateway' });
  });
});

describe('message streams', () => {
  const start = {
    type: 'message_start',
    message: {
      id: 'msg',
      role: 'assistant',
      content: [],
      usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 },
    },
  };

  test('a tool call without arguments has none', () => {
    const block = { type: 'tool_use', id: 't', name: 'now', input: {} };
    const events = [
      start,
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '' } },
    ];
    expect(parts(read(anthropicMessages, events))).toEqual([
      { type: 'tool_call', id: 't', name: 'now', arguments: {} },
    ]);
  });

  test('counts at the end replace those of the start where stated', () => {
    const end = {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { output_tokens: 9, input_tokens: 6, cache_read_input_tokens: null },
    };
    expect(read(anthropicMessages, [start, end]).usage).toMatchObject({ input: 6, cacheRead: 2, output: 9 });
  });

  test('the placeholder count of a stream that was cut is no output', () => {
    expect(read(anthropicMessages, [start]).usage).toMatchObject({ input: 5, cacheRead: 2 });
    expect(read(anthropicMessages, [start]).usage?.output).toBeUndefined();
    expect(read(anthropicMessages, [start, { type: 'message_stop' }]).usage?.output).toBe(1);
  });
});

describe('response streams', () => {
  const image = {
    type: 'image_generation_call',
    id: 'ig',
    status: 'completed',
    result: Buffer.alloc(90_000, 1).toString('base64'),
  };
  const message = {
    type: 'message',
    id: 'm',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'Here it is. '.repeat(50) }],
  };

  test('an inline image does not use up what is kept of the text', () => {
    const completed = {
      type: 'response.completed',
      response: { id: 'r', status: 'completed', output: [image, message] },
    };
    expect(parts(read(openaiResponses, [completed], 1000))).toEqual([
      {
        type: 'server_tool_call',
        id: 'ig',
        name: 'image_generation',
        server_tool_call: { type: 'image_generation', result: '[binary data, 90000 bytes]' },
      },
      { type: 'text', content: 'Here it is. '.repeat(50) },
    ]);
  });

  test.each([
    ['an action that is billed', { action: { type: 'search' }, status: 'completed' }, { web_search_requests: 1 }],
    ['an action that is not', { action: { type: 'open_page' }, status: 'completed' }, undefined],
    ['no action named', { status: 'completed' }, { web_search_requests: 1 }],
    ['a failure', { action: { type: 'search' }, status: 'failed' }, undefined],
  ])('a web search with %s', (_name, fields, serverTools) => {
    const usage = { input_tokens: 1, output_tokens: 1 };
    const output = [{ type: 'web_search_call', id: 'ws', ...fields }];
    expect(openaiResponses.readResponse({ output, usage }, NO_FACTS).usage?.serverTools).toEqual(serverTools);
  });

  test('billed tools: what is stated, files by call, code by container', () => {
    const output = [
      { type: 'web_search_call', action: { type: 'search' } },
      { type: 'file_search_call' },
      { type: 'file_search_call' },
      { type: 'code_interpreter_call', container_id: 'c1' },
      { type: 'code_interpreter_call', container_id: 'c1' },
    ];
    const body = {
      output,
      usage: { input_tokens: 1, output_tokens: 1 },
      tool_usage: { web_search: { num_requests: 3 } },
    };
    expect(openaiResponses.readResponse(body, NO_FACTS).usage?.serverTools).toEqual({
      web_search_requests: 3,
      file_search_calls: 2,
      code_interpreter_containers: 1,
    });
  });
});
