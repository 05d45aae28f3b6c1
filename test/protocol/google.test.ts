import { describe, expect, test } from 'vitest';
import { readExchange } from '../../src/instrumentation/read-exchange.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { LlmCall } from '../../src/model/llm-call.ts';
import { googleGenerateContent } from '../../src/protocol/google-generate-content.ts';
import { googleInteractions } from '../../src/protocol/google-interactions.ts';
import type { Protocol, ResponseReading } from '../../src/protocol/protocol.ts';
import { exchangeAt } from '../instrumentation/exchanges.ts';
import { NO_FACTS } from '../support/read-wire.ts';

const chunk = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  candidates: [{ index: 0, content: { role: 'model', parts } }],
  modelVersion: 'gemini-2.5-flash',
  ...more,
});

function read(protocol: Protocol, events: readonly JsonObject[], maxTextLength = 10_000): ResponseReading {
  const assembler = protocol.streamAssembler(maxTextLength);
  for (const data of events) assembler.push({ data });
  return protocol.readResponse(assembler.body() ?? {}, NO_FACTS);
}

function readArray(array: Buffer, status = 200): LlmCall {
  const exchange = exchangeAt('/v1beta/models/gemini-2.5-flash:streamGenerateContent');
  exchange.requestBody = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Tell me.' }] }] });
  exchange.begin(status, (name) => (name === 'content-type' ? 'application/json; charset=UTF-8' : undefined));
  for (let at = 0; at < array.length; at += 50) exchange.chunk(array.subarray(at, at + 50), exchange);
  exchange.end({ kind: 'finished' });
  return readExchange(exchange, 10_000);
}

describe('a stream as a JSON array', () => {
  const events = [
    chunk([{ text: 'Once "upon' }], {
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, totalTokenCount: 7 },
    }),
    chunk([{ text: '" a time.' }], {
      usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 6, totalTokenCount: 10 },
    }),
  ];
  const bytes = Buffer.from(JSON.stringify(events, undefined, 2));

  test('is one call', () => {
    const call = readArray(bytes);
    expect(call).toMatchObject({
      operation: 'generate_content',
      requestModel: 'gemini-2.5-flash',
      parameters: { stream: true },
      usage: { input: 4, output: 6 },
      problems: [],
    });
    expect(call.output?.[0]?.parts).toEqual([{ type: 'text', content: 'Once "upon" a time.' }]);
    expect(call.timeToFirstChunk).toBeGreaterThanOrEqual(0);
  });

  test('reads as far as it came where it was cut', () => {
    const call = readArray(bytes.subarray(0, bytes.length - 40));
    expect(call.usage).toMatchObject({ input: 4, output: 3 });
    expect(call.output?.[0]?.parts).toEqual([{ type: 'text', content: 'Once "upon' }]);
  });

  test('may be an error', () => {
    const error = { code: 429, message: 'Resource has been exhausted.', status: 'RESOURCE_EXHAUSTED' };
    expect(readArray(Buffer.from(JSON.stringify([{ error }])), 429).error).toEqual({
      type: 'RESOURCE_EXHAUSTED',
      message: 'Resource has been exhausted.',
      status: 429,
    });
  });
});

describe('inline media of a stream', () => {
  const data = 'iVBORw0KGgoA'.repeat(500);
  const image = { type: 'blob', modality: 'image', mime_type: 'image/png', content: '[image/png, 4500 bytes]' };

  test('leaves what is kept of the text to the text', () => {
    const events = [chunk([{ inlineData: { mimeType: 'image/png', data } }]), chunk([{ text: 'A boat.' }])];
    expect(read(googleGenerateContent, events, 100).output?.[0]?.parts).toEqual([
      image,
      { type: 'text', content: 'A boat.' },
    ]);
  });

  test('of an interaction too', () => {
    const events = [
      { event_type: 'step.start', index: 0, step: { type: 'model_output' } },
      { event_type: 'step.delta', index: 0, delta: { type: 'image', mime_type: 'image/png', data } },
      { event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'A boat.' } },
    ];
    expect(read(googleInteractions, events, 100).output?.[0]?.parts).toEqual([
      image,
      { type: 'text', content: 'A boat.' },
    ]);
  });
});

describe('counts of a stream', () => {
  test('are those of its last chunk, not what earlier ones had besides', () => {
    const events = [
      chunk([{ text: 'a' }], { usageMetadata: { promptTokenCount: 8, thoughtsTokenCount: 419, totalTokenCount: 427 } }),
      chunk([{ text: 'b' }], { usageMetadata: { promptTokenCount: 8, totalTokenCount: 8 } }),
    ];
    expect(read(googleGenerateContent, events).usage).toMatchObject({ input: 8, total: 8 });
    expect(read(googleGenerateContent, events).usage?.reasoning).toBeUndefined();
  });

  test('of an interaction are known before its end', () => {
    const metadata = { total_usage: { total_input_tokens: 11, total_output_tokens: 37, total_thought_tokens: 126 } };
    const events = [
      { event_type: 'interaction.created', interaction: { id: 'v1_a', status: 'in_progress' } },
      { event_type: 'step.start', index: 0, step: { type: 'model_output' } },
      { event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'The sky' }, metadata },
    ];
    expect(read(googleInteractions, events).usage).toMatchObject({ input: 11, output: 37, reasoning: 126 });
  });
});
