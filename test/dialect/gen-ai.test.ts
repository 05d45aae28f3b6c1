import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../src/dialect/dialects.ts';
import { genAi } from '../../src/dialect/gen-ai.ts';
import type { Json } from '../../src/model/json.ts';
import type { CallError, LlmCall, RequestParameters } from '../../src/model/llm-call.ts';
import type { MessagePart, OutputMessage } from '../../src/model/message.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { RawUsage, ReportedUsage } from '../../src/model/reported-usage.ts';
import type { SpanView } from '../../src/model/span.ts';
import { readUsage } from '../../src/provider-usage/formats.ts';
import { spanStatus, toAttributes } from '../../src/semconv/write.ts';
import { toDisjointUsage } from '../../src/usage/disjoint.ts';
import { spanOf } from '../support/span-view.ts';
import { defined } from '../../src/util/json-read.ts';

function toToolCall({
  id,
  name,
  arguments: given,
}: {
  id: string | undefined;
  name: string;
  arguments: Json | undefined;
}): MessagePart {
  return { type: 'tool_call', name, ...defined({ id, arguments: given }) };
}

function toError({
  type,
  ...rest
}: {
  type: string;
  message: string | undefined;
  status: number | undefined;
}): CallError {
  return { type, ...defined(rest) };
}

function toOpenAi(usage: {
  prompt: number;
  completion: number;
  cached: number | undefined;
  reasoning: number | undefined;
}): RawUsage {
  return {
    format: 'openai.chat',
    body: {
      prompt_tokens: usage.prompt,
      completion_tokens: usage.completion,
      ...(usage.cached !== undefined && { prompt_tokens_details: { cached_tokens: usage.cached } }),
      ...(usage.reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: usage.reasoning } }),
    },
  };
}

function toReported(given: {
  raw: RawUsage;
  serviceTier: string | undefined;
  search: number | undefined;
}): Pick<LlmCall, 'usage' | 'rawUsage'> {
  const reported = readUsage(given.raw);
  const serverTools = given.search === undefined ? undefined : { web_search_requests: given.search };
  return {
    rawUsage: given.raw,
    ...(reported && { usage: { ...reported, ...defined({ serviceTier: given.serviceTier, serverTools }) } }),
  };
}

const text = fc.string({ unit: 'binary', maxLength: 20 });
const name = fc.string({ minLength: 1, maxLength: 12 });
const count = fc.nat(1_000_000);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
/** Of finite numbers JSON has no negative zero. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as never);

const part: fc.Arbitrary<MessagePart> = fc.oneof(
  text.map((content) => ({ type: 'text' as const, content })),
  text.map((content) => ({ type: 'reasoning' as const, content })),
  fc.record({ id: optional(name), name, arguments: optional(json) }).map(toToolCall),
  fc
    .record({ id: name, response: json })
    .map(({ id, response }) => ({ type: 'tool_call_response' as const, id, response })),
  fc.record({ uri: name }).map(({ uri }) => ({ type: 'uri' as const, modality: 'image' as const, uri })),
);
const message = fc.record({
  role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
  parts: fc.array(part, { maxLength: 3 }),
});

const rawUsage: fc.Arbitrary<RawUsage> = fc.oneof(
  fc.record({ prompt: count, completion: count, cached: optional(count), reasoning: optional(count) }).map(toOpenAi),
  fc.record({ input: count, output: count, read: count, written: count }).map((usage) => ({
    format: 'anthropic.messages',
    body: {
      input_tokens: usage.input,
      output_tokens: usage.output,
      cache_read_input_tokens: usage.read,
      cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: usage.written },
    },
  })),
);

const usage: fc.Arbitrary<Pick<LlmCall, 'usage' | 'rawUsage'>> = fc.oneof(
  fc.constant({}),
  fc.record({ raw: rawUsage, serviceTier: optional(name), search: optional(count) }).map(toReported),
  fc.record({ input: count, output: count }).map(({ input, output }) => ({
    usage: {
      input,
      output,
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
      estimated: true,
      estimateMethod: 'input and output: tiktoken o200k_base',
    },
  })),
  // A stream that was cut after its input had been reported.
  fc.record({ input: count, read: count, output: count }).map(({ input, read, output }) => {
    const raw = {
      format: 'anthropic.messages',
      body: { input_tokens: input, cache_read_input_tokens: read },
    };
    const stated = toReported({ raw, serviceTier: undefined, search: undefined });
    return {
      ...stated,
      usage: { ...(stated.usage as ReportedUsage), output, estimated: true, estimateMethod: 'output: UTF-8 bytes / 4' },
    };
  }),
);

type Undefinable<T> = { [K in keyof T]: T[K] | undefined };

function toCall(given: {
  operation: string;
  fields: Partial<Undefinable<LlmCall>>;
  parameters: Partial<Undefinable<RequestParameters>>;
  usage: Pick<LlmCall, 'usage' | 'rawUsage'>;
  problems: Problem[];
}): LlmCall {
  const { operation, fields, parameters, usage: counted, problems } = given;
  return { operation, ...defined(fields), parameters: defined(parameters), ...counted, problems };
}

const call: fc.Arbitrary<LlmCall> = fc
  .record({
    operation: fc.constantFrom('chat', 'text_completion', 'embeddings', 'rerank'),
    fields: fc.record({
      provider: optional(fc.constantFrom('openai', 'anthropic', 'azure.ai.openai')),
      requestModel: optional(name),
      responseModel: optional(name),
      responseId: optional(name),
      conversationId: optional(name),
      finishReasons: optional(fc.array(name, { minLength: 1, maxLength: 2 })),
      timeToFirstChunk: optional(number),
      server: optional(fc.record({ address: name, port: fc.integer({ min: 1, max: 65535 }) })),
      systemInstructions: optional(fc.array(part, { maxLength: 2 })),
      input: optional(fc.array(message, { maxLength: 3 })),
      tools: optional(fc.array(fc.record({ type: fc.constant('function'), name, parameters: json }), { maxLength: 2 })),
      output: optional(
        fc.array(
          message.chain((value) => name.map((reason): OutputMessage => ({ ...value, finish_reason: reason }))),
          {
            maxLength: 2,
          },
        ),
      ),
      error: optional(
        fc
          .record({ type: name, message: optional(name), status: optional(fc.integer({ min: 400, max: 599 })) })
          .map(toError),
      ),
    }),
    parameters: fc.record({
      temperature: optional(number),
      topP: optional(number),
      topK: optional(count),
      maxTokens: optional(count),
      stopSequences: optional(fc.array(text, { minLength: 1, maxLength: 2 })),
      seed: optional(fc.integer()),
      frequencyPenalty: optional(number),
      presencePenalty: optional(number),
      choiceCount: optional(count),
      stream: optional(fc.boolean()),
      outputType: optional(name),
      serviceTier: optional(name),
      reasoningLevel: optional(name),
      encodingFormats: optional(fc.array(name, { minLength: 1, maxLength: 2 })),
      dimensions: optional(count),
      other: optional(fc.dictionary(name, json, { minKeys: 1, maxKeys: 2, noNullPrototype: true })),
    }),
    usage,
    problems: fc.array(fc.record({ code: name, message: text }), { maxLength: 2 }),
  })
  .map(toCall);

describe('gen-ai dialect', () => {
  test('reads back exactly what is written', () => {
    fc.assert(
      fc.property(call, (written) => {
        const attributes = toAttributes(written, { captureContent: true, maxContentLength: 1_000_000 });
        const reading = genAi.read(spanOf({ attributes, status: spanStatus(written) as SpanView['status'] }));
        expect(reading.call).toEqual(written);
        expect(reading.metadata).toEqual({});
      }),
      { numRuns: 500 },
    );
  });

  test('recognises GenAI spans and no others', () => {
    expect(dialectOf({ 'gen_ai.system': 'openai' })).toBe(genAi);
    expect(dialectOf({ 'gen_ai.tool.name': 'search' })).toBe(genAi);
    expect(dialectOf({ 'http.request.method': 'POST', 'server.address': 'api.openai.com' })).toBeUndefined();
  });

  test.each([
    [{ 'gen_ai.operation.name': 'chat' }, 'generation'],
    [{ 'gen_ai.operation.name': 'embeddings' }, 'embedding'],
    [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm' }, 'agent'],
    [{ 'gen_ai.tool.name': 'search' }, 'tool'],
    [{ 'gen_ai.operation.name': 'search_memory' }, 'retriever'],
    [{ 'gen_ai.operation.name': 'transcribe', 'gen_ai.request.model': 'whisper-1' }, 'generation'],
    [{ 'gen_ai.operation.name': 'create_memory_store' }, 'span'],
    [{ 'gen_ai.operation.name': 'toString' }, 'span'],
  ])('%o is of type %s', (attributes, type) => {
    expect(genAi.read(spanOf({ attributes })).type).toBe(type);
  });

  test('raw usage that a length limit cut falls back to the counts, and says so', () => {
    const reading = genAi.read(
      spanOf({
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.usage.input_tokens': 12,
          'otel_langfuse.usage.format': 'openai.chat',
          'otel_langfuse.usage.raw': '{"prompt_tokens":12,"comp',
        },
      }),
    );
    expect(reading.call?.usage?.input).toBe(12);
    expect(reading.call?.problems).toMatchObject([{ code: 'raw-usage-unreadable' }]);
  });

  test('masked or cut content that is no JSON any more is shown as it is', () => {
    const reading = genAi.read(
      spanOf({ attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': '[masked]' } }),
    );
    expect(reading.call?.input).toEqual([{ role: 'unknown', parts: [{ type: 'text', content: '[masked]' }] }]);
  });

  test('values of any type are survived', () => {
    const names = Object.keys(
      toAttributes(
        {
          operation: 'chat',
          provider: 'openai',
          requestModel: 'm',
          parameters: { temperature: 1, stopSequences: ['a'] },
          finishReasons: ['stop'],
          input: [],
          output: [],
          tools: [],
          problems: [{ code: 'c', message: 'm' }],
          usage: {
            input: 1,
            output: 1,
            inputIncludes: { cacheRead: true, cacheWrite: true },
            outputIncludes: { reasoning: true },
          },
          rawUsage: { format: 'openai.chat', body: {} },
        },
        { captureContent: true, maxContentLength: 1000 },
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), fc.anything()), (attributes) => {
        genAi.read(spanOf({ attributes }));
      }),
    );
  });
});

/** Spans as other instrumentations make them, and our reading of them. */
describe('spans of other instrumentations', () => {
  const folder = path.join(import.meta.dirname, '../fixtures/spans/gen-ai');
  const cases = readdirSync(folder).filter((file) => file.endsWith('.span.json'));
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));

  test.each(cases)('%s', (file) => {
    const span = spanOf(read(file) as Partial<SpanView>);
    expect(dialectOf(span.attributes)).toBe(genAi);
    const reading = genAi.read(span);
    const buckets = reading.call?.usage && toDisjointUsage(reading.call.usage).usage;
    expect({ ...reading, buckets }).toEqual(read(file.replace('.span.json', '.expected.json')));
  });
});
