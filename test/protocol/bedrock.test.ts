import { describe, expect, test } from 'vitest';
import { bedrockConverse } from '../../src/protocol/bedrock-converse.ts';
import { bedrockInvoke } from '../../src/protocol/bedrock-invoke.ts';
import { CUT_MARKER } from '../../src/protocol/content-budget.ts';
import type { ExchangeFacts, Protocol, ResponseReading } from '../../src/protocol/protocol.ts';
import { findProtocol } from '../../src/protocol/protocols.ts';
import { inferProvider } from '../../src/protocol/provider.ts';
import { type Framing, framingOf } from '../../src/wire/framing.ts';
import { chunkMessage, eventMessage, eventStreamMessage } from '../support/event-stream.ts';
import { assemble, factsOf, NO_FACTS } from '../support/read-wire.ts';

const FRAMING = framingOf('application/vnd.amazon.eventstream') as Framing;
/** Characters of content to keep. */
const LIMIT = 1000;
const HOST = 'bedrock-runtime.us-east-1.amazonaws.com';

function operationOf(model: string): string | undefined {
  return bedrockInvoke.readRequest({ inputText: 'x' }, factsOf({ path: `/model/${model}/invoke` })).operation;
}

function withErrorType(type: string): ExchangeFacts {
  return factsOf({ headers: { 'x-amzn-errortype': type } });
}

function readLong(protocol: Protocol, messages: readonly Buffer[]): ResponseReading {
  return protocol.readResponse(assemble(protocol, messages, LIMIT, FRAMING).body() ?? {}, NO_FACTS);
}

function start(contentBlockIndex: number, block: object): Buffer {
  return eventMessage('contentBlockStart', { contentBlockIndex, start: block });
}

function delta(contentBlockIndex: number, piece: object): Buffer {
  return eventMessage('contentBlockDelta', { contentBlockIndex, delta: piece });
}

describe('paths', () => {
  test.each([
    ['/model/amazon.nova-lite-v1%3A0/converse', bedrockConverse, 'amazon.nova-lite-v1:0'],
    ['/model/eu.amazon.nova-lite-v1:0/converse-stream', bedrockConverse, 'eu.amazon.nova-lite-v1:0'],
    ['/bedrock/model/global.anthropic.claude-sonnet-4-6/invoke', bedrockInvoke, 'global.anthropic.claude-sonnet-4-6'],
    [
      '/v1/account/gateway/aws-bedrock/bedrock-runtime/us-east-1/model/cohere.embed-v4:0/invoke',
      bedrockInvoke,
      'cohere.embed-v4:0',
    ],
    [
      '/model/arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0/invoke-with-response-stream',
      bedrockInvoke,
      'arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0',
    ],
    ['/model/50%/converse', bedrockConverse, '50%'],
  ])('%s', (path, protocol, requestModel) => {
    expect(findProtocol(path, 'localhost:8080')).toBe(protocol);
    expect(protocol.readRequest({}, factsOf({ path }))).toMatchObject({ requestModel });
    expect(inferProvider('localhost:8080', path, protocol)).toBe('aws.bedrock');
  });

  test.each([
    '/model//converse',
    '/models/7/converse',
    '/api/model/7/invoke',
    '/model/7/reinvoke',
    '/model/7/invoke/logs',
    '/model/amazon.nova-reel-v1:0/async-invoke',
    '/model/amazon.nova-lite-v1:0/count-tokens',
    '/converse',
  ])('%s is no call of a model', (path) => {
    expect(findProtocol(path, HOST)).toBeUndefined();
  });

  test('the operation follows from the model', () => {
    expect(operationOf('amazon.titan-embed-text-v2:0')).toBe('embeddings');
    expect(operationOf('cohere.rerank-v3-5:0')).toBe('rerank');
    expect(operationOf('amazon.titan-text-lite-v1')).toBe('text_completion');
  });
});

describe('errors', () => {
  test.each([
    [{ message: 'no' }, 400, withErrorType('SerializationException'), 'SerializationException', 'no'],
    [
      { __type: 'com.amazon.coral.service#UnrecognizedClientException', message: 'no' },
      403,
      NO_FACTS,
      'UnrecognizedClientException',
      'no',
    ],
    [{ Message: 'no' }, 403, NO_FACTS, 'AccessDeniedException', 'no'],
    [{ message: 'no' }, 418, NO_FACTS, '418', 'no'],
    [undefined, 503, withErrorType('ServiceUnavailableException:'), 'ServiceUnavailableException', undefined],
  ])('%j with status %i', (body, status, facts, type, message) => {
    for (const protocol of [bedrockConverse, bedrockInvoke])
      expect(protocol.readError(body, status, facts)).toEqual({ type, status, ...(message && { message }) });
  });

  test('an error of the framing itself ends a stream', () => {
    const error = eventStreamMessage(
      { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'Broken' },
      '',
    );
    for (const protocol of [bedrockConverse, bedrockInvoke]) {
      const assembler = assemble(protocol, [error], undefined, FRAMING);
      expect(assembler.complete).toBe(true);
      expect(protocol.readResponse(assembler.body() ?? {}, NO_FACTS).error).toEqual({
        type: 'InternalFailure',
        message: 'Broken',
      });
    }
  });
});

const COUNTED = factsOf({
  headers: { 'x-amzn-bedrock-input-token-count': '7', 'x-amzn-bedrock-output-token-count': '9' },
});

function counted(body: object, facts = COUNTED): (number | undefined)[] {
  const { usage } = bedrockInvoke.readResponse({ ...body }, facts);
  return [usage?.input, usage?.output];
}

describe('counts', () => {
  const metrics = { 'amazon-bedrock-invocationMetrics': { inputTokenCount: 8, outputTokenCount: 10 } };

  test('a usage object counts first, then the metrics of a stream, the headers, and what the text formats say', () => {
    const llama = { generation: 'x', prompt_token_count: 5, generation_token_count: 6 };
    const claude = { type: 'message', usage: { input_tokens: 3, output_tokens: 4 } };
    expect(counted({ ...claude, ...metrics })).toEqual([3, 4]);
    expect(counted({ ...llama, ...metrics })).toEqual([8, 10]);
    expect(counted(llama)).toEqual([7, 9]);
    expect(counted(llama, NO_FACTS)).toEqual([5, 6]);
    expect(counted({ embedding: [] }, NO_FACTS)).toEqual([undefined, undefined]);
  });

  test('a header that is no number is no count', () => {
    const damaged = factsOf({ headers: { 'x-amzn-bedrock-input-token-count': 'many' } });
    expect(bedrockInvoke.readResponse({ embedding: [] }, damaged).usage).toBeUndefined();
  });
});

describe('long answers', () => {
  const text = 'Nachtzug '.repeat(500);
  const stop = eventMessage('messageStop', { stopReason: 'end_turn' });
  const usage = { inputTokens: 5, outputTokens: 900, totalTokens: 905 };

  test.each([
    [
      'converse',
      bedrockConverse,
      [
        eventMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text } }),
        stop,
        eventMessage('metadata', { usage }),
      ],
    ],
    [
      'text',
      bedrockInvoke,
      [
        chunkMessage({ generation: text }),
        chunkMessage({ generation: text, generation_token_count: 900, prompt_token_count: 5, stop_reason: 'end_turn' }),
      ],
    ],
  ])('%s: cut with a marker, counted in full', (_, protocol, messages) => {
    const { output, usage: reported, finishReasons } = readLong(protocol, messages);
    expect(output?.[0]?.parts).toEqual([{ type: 'text', content: text.slice(0, LIMIT) + CUT_MARKER }]);
    expect(reported).toMatchObject({ input: 5, output: 900 });
    expect(finishReasons).toEqual(['end_turn']);
  });
});

test('tools that ran at Bedrock are told from the ones of the app', () => {
  const messages = [
    start(0, { toolUse: { toolUseId: 't1', name: 'nova_code_interpreter', type: 'server_tool_use' } }),
    delta(0, { toolUse: { input: '{"code":"6*7"}' } }),
    start(1, { toolResult: { toolUseId: 't1', type: 'nova_code_interpreter_result', status: 'success' } }),
    delta(1, { toolResult: [{ text: '4' }] }),
    delta(1, { toolResult: [{ text: '2' }] }),
    delta(2, { text: 'It is 42.' }),
    delta(2, { citation: { title: 'none' } }),
  ];
  expect(readLong(bedrockConverse, messages).output?.[0]?.parts).toEqual([
    {
      type: 'server_tool_call',
      id: 't1',
      name: 'nova_code_interpreter',
      server_tool_call: { type: 'nova_code_interpreter', input: { code: '6*7' } },
    },
    { type: 'tool_call_response', id: 't1', response: '42' },
    { type: 'text', content: 'It is 42.' },
  ]);
});

test.each(['constructor', '__defineGetter__'])('a delta may be called %s', (name) => {
  expect(readLong(bedrockConverse, [delta(0, { [name]: 'x' })]).output?.[0]?.parts).toHaveLength(1);
});

test('media of a message is described, not recorded', () => {
  const bytes = 'A'.repeat(2000);
  const content = [
    { image: { format: 'jpeg', source: { bytes } } },
    { video: { format: 'mp4', source: { s3Location: { uri: 's3://clips/a.mp4' } } } },
    { audio: { format: 'wav', source: { bytes } } },
    { document: { format: 'md', name: 'Notes', source: { bytes } } },
    { document: { format: 'txt', name: 'Notes', source: { text: 'as text' } } },
    { document: { name: 'Notes', source: { content: [{ text: 'as blocks' }] } } },
    { image: { format: 'png' } },
    { toolResult: { toolUseId: 't', content: [{ text: 'chart:' }, { image: { format: 'png', source: { bytes } } }] } },
  ];
  const { input } = bedrockConverse.readRequest({ messages: [{ role: 'user', content }] }, NO_FACTS);
  expect(input?.[0]?.parts).toEqual([
    { type: 'blob', modality: 'image', mime_type: 'image/jpeg', content: '[image/jpeg, 1500 bytes]' },
    { type: 'uri', modality: 'video', uri: 's3://clips/a.mp4', mime_type: 'video/mp4' },
    { type: 'blob', modality: 'audio', mime_type: 'audio/wav', content: '[audio/wav, 1500 bytes]' },
    { type: 'blob', modality: 'document', mime_type: 'text/markdown', content: '[text/markdown, 1500 bytes]' },
    { type: 'text', content: 'as text' },
    { type: 'text', content: 'as blocks' },
    { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[image/png]' },
    {
      type: 'tool_call_response',
      id: 't',
      response: [{ text: 'chart:' }, { image: { format: 'png', source: { bytes: '[binary data, 1500 bytes]' } } }],
    },
  ]);
});

test('what is filled into a kept prompt is content, not a parameter', () => {
  const promptVariables = { topic: { text: 'my secret' } };
  const request = bedrockConverse.readRequest({ promptVariables, requestMetadata: { team: 'a' } }, NO_FACTS);
  expect(request.input).toEqual([{ role: 'user', parts: [{ type: 'other', content: promptVariables }] }]);
  expect(request.parameters.other).toEqual({ requestMetadata: { team: 'a' } });
});
