import { describe, expect, test } from 'vitest';
import { NO_FACTS } from '../support/read-wire.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { MessagePart } from '../../src/model/message.ts';
import { anthropicMessages } from '../../src/protocol/anthropic-messages.ts';
import { openaiChat } from '../../src/protocol/openai-chat.ts';
import { openaiResponses } from '../../src/protocol/openai-responses.ts';

const data = Buffer.from('0123456789').toString('base64');

/** The parts of the one message that a request with this content or item has. */
const chat = (message: JsonObject): MessagePart[] | undefined =>
  openaiChat.readRequest({ messages: [message] }, NO_FACTS).input?.[0]?.parts;
const messages = (content: Json): MessagePart[] | undefined =>
  anthropicMessages.readRequest({ messages: [{ role: 'user', content }] }, NO_FACTS).input?.[0]?.parts;
const responses = (item: JsonObject): MessagePart[] | undefined =>
  openaiResponses.readRequest({ input: [item] }, NO_FACTS).input?.[0]?.parts;

describe('chat', () => {
  test.each<[string, JsonObject, MessagePart]>([
    [
      'an image address',
      { type: 'image_url', image_url: { url: 'https://e.com/a.png' } },
      { type: 'uri', modality: 'image', uri: 'https://e.com/a.png' },
    ],
    [
      'a video',
      { type: 'video_url', video_url: { url: `data:video/mp4;base64,${data}` } },
      { type: 'blob', modality: 'video', mime_type: 'video/mp4', content: '[video/mp4, 10 bytes]' },
    ],
    [
      'a document',
      { type: 'document_url', document_url: 'https://e.com/a.pdf' },
      { type: 'uri', modality: 'document', uri: 'https://e.com/a.pdf' },
    ],
    [
      'a file without a type',
      { type: 'file', file: { file_data: data } },
      { type: 'blob', modality: 'document', content: '[binary data, 10 bytes]' },
    ],
    ['a refusal', { type: 'refusal', refusal: 'No.' }, { type: 'refusal', content: 'No.' }],
    [
      'a thought',
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'reasoning', content: 'Hm.' },
    ],
    ['anything newer', { type: 'hologram', url: 'h' }, { type: 'other', content: { type: 'hologram', url: 'h' } }],
  ])('%s', (_name, part, expected) => {
    expect(chat({ role: 'user', content: [part] })).toEqual([expected]);
  });

  test('a function call and its result, as they were before tools', () => {
    const called = { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"x":1}' } };
    expect(chat(called)).toEqual([{ type: 'tool_call', name: 'f', arguments: { x: 1 } }]);
    expect(chat({ role: 'function', name: 'f', content: '2' })).toEqual([
      { type: 'tool_call_response', id: 'f', response: '2' },
    ]);
    expect(openaiChat.readRequest({ functions: [{ name: 'f', parameters: {} }] }, NO_FACTS).tools).toEqual([
      { type: 'function', name: 'f', parameters: {} },
    ]);
  });

  test('a call of a custom tool, and arguments that are not JSON', () => {
    const calls = [
      { id: 'a', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
      { id: 'b', type: 'function', function: { name: 'f', arguments: '{"x":' } },
    ];
    expect(chat({ role: 'assistant', tool_calls: calls })).toEqual([
      { type: 'tool_call', id: 'a', name: 'sql', arguments: 'select 1' },
      { type: 'tool_call', id: 'b', name: 'f', arguments: '{"x":' },
    ]);
  });

  test('a tool result of several texts is one text', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ];
    expect(chat({ role: 'tool', tool_call_id: 't', content })).toEqual([
      { type: 'tool_call_response', id: 't', response: 'ab' },
    ]);
  });
});

describe('messages', () => {
  test.each<[string, JsonObject, MessagePart]>([
    [
      'base64',
      { type: 'base64', media_type: 'application/pdf', data },
      { type: 'blob', modality: 'document', mime_type: 'application/pdf', content: '[application/pdf, 10 bytes]' },
    ],
    [
      'an address',
      { type: 'url', url: 'https://e.com/a.pdf' },
      { type: 'uri', modality: 'document', uri: 'https://e.com/a.pdf' },
    ],
    ['a file', { type: 'file', file_id: 'file_1' }, { type: 'file', modality: 'document', file_id: 'file_1' }],
    ['a text', { type: 'text', media_type: 'text/plain', data: 'Hi' }, { type: 'text', content: 'Hi' }],
    ['content', { type: 'content', content: 'Hi' }, { type: 'text', content: 'Hi' }],
    ['anything newer', { type: 'vault', id: 1 }, { type: 'other', content: { type: 'vault', id: 1 } }],
  ])('a document from %s', (_name, source, expected) => {
    expect(messages([{ type: 'document', source }])).toEqual([expected]);
  });

  test('what was thought in secret, uploaded, or run at an MCP server', () => {
    const blocks = [
      { type: 'redacted_thinking', data: 'EqQB' },
      { type: 'container_upload', file_id: 'file_2' },
      { type: 'mcp_tool_use', id: 'm', name: 'ask', server_name: 'wiki', input: { q: 1 } },
      { type: 'mcp_tool_result', tool_use_id: 'm', is_error: false, content: [{ type: 'text', text: 'a' }] },
    ];
    expect(messages(blocks)).toEqual([
      { type: 'other', content: { type: 'redacted_thinking' } },
      { type: 'file', modality: 'document', file_id: 'file_2' },
      {
        type: 'server_tool_call',
        id: 'm',
        name: 'ask',
        server_tool_call: { type: 'ask', name: 'ask', server_name: 'wiki', input: { q: 1 } },
      },
      {
        type: 'server_tool_call_response',
        id: 'm',
        server_tool_call_response: { type: 'mcp', content: [{ type: 'text', text: 'a' }] },
      },
    ]);
  });

  test('an image in a tool result is recorded as type and size', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: data.repeat(60) } };
    const [part] = messages([{ type: 'tool_result', tool_use_id: 't', content: [image] }]) ?? [];
    expect(JSON.stringify(part)).not.toContain(data);
  });
});

describe('response items', () => {
  test.each<[string, JsonObject, MessagePart]>([
    [
      'a custom tool call',
      { type: 'custom_tool_call', call_id: 'c', name: 'sql', input: 'select 1' },
      { type: 'tool_call', id: 'c', name: 'sql', arguments: 'select 1' },
    ],
    [
      'a custom tool result',
      { type: 'custom_tool_call_output', call_id: 'c', output: '1' },
      { type: 'tool_call_response', id: 'c', response: '1' },
    ],
    [
      'tools that were found',
      { type: 'tool_search_output', call_id: null, id: 'tso', tools: [{ name: 'f' }] },
      {
        type: 'server_tool_call_response',
        id: 'tso',
        server_tool_call_response: { type: 'tool_search', tools: [{ name: 'f' }] },
      },
    ],
    [
      'a call at an MCP server',
      { type: 'mcp_call', id: 'm', name: 'ask', server_label: 'wiki', arguments: '{}', output: 'a' },
      {
        type: 'server_tool_call',
        id: 'm',
        name: 'ask',
        server_tool_call: { type: 'mcp', name: 'ask', server_label: 'wiki', arguments: '{}', output: 'a' },
      },
    ],
    [
      'a reference',
      { type: 'item_reference', id: 'i' },
      { type: 'other', content: { type: 'item_reference', id: 'i' } },
    ],
  ])('%s', (_name, item, expected) => {
    expect(responses(item)).toEqual([expected]);
  });
});
