import * as fc from 'fast-check';
import { withEstimate } from '../../src/instrumentation/estimate.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { LlmCall, RequestParameters } from '../../src/model/llm-call.ts';
import type { Message, MessagePart, OutputMessage, ToolDefinition } from '../../src/model/message.ts';
import type { RawUsage, ReportedUsage } from '../../src/model/reported-usage.ts';
import { readUsage } from '../../src/provider-usage/formats.ts';
import { defined } from '../../src/util/json-read.ts';
import { fixtureCalls } from './read-calls.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const name = fc.string({ minLength: 1, maxLength: 12 });
const count = fc.nat(1_000_000);
const modality = fc.constantFrom('text', 'image', 'audio', 'video', 'document');
/** Of finite numbers JSON has no negative zero. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const object = fc.dictionary(name, json, { maxKeys: 2, noNullPrototype: true });
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 2 });
const someNames = fc.array(name, { minLength: 1, maxLength: 2 });

type Fields<T> = { [Field in keyof T]-?: fc.Arbitrary<Exclude<T[Field], undefined>> };

/** An object with the fields of a type: each optional one is there or not. */
function some<T extends object>(fields: Fields<T>, required: (keyof T & string)[] = []): fc.Arbitrary<T> {
  return fc.record(fields, { requiredKeys: required as never, noNullPrototype: true }) as unknown as fc.Arbitrary<T>;
}

type PartOf<Type extends MessagePart['type']> = Extract<MessagePart, { type: Type }>;

/** Every kind of part: a new one is missed by the compiler. */
const PARTS: { [Type in MessagePart['type']]: fc.Arbitrary<PartOf<Type>> } = {
  text: some<PartOf<'text'>>({ type: fc.constant('text'), content: text }, ['type', 'content']),
  reasoning: some<PartOf<'reasoning'>>({ type: fc.constant('reasoning'), content: text }, ['type', 'content']),
  refusal: some<PartOf<'refusal'>>({ type: fc.constant('refusal'), content: text }, ['type', 'content']),
  tool_call: some<PartOf<'tool_call'>>({ type: fc.constant('tool_call'), id: name, name, arguments: json }, [
    'type',
    'name',
  ]),
  tool_call_response: some<PartOf<'tool_call_response'>>(
    { type: fc.constant('tool_call_response'), id: name, response: json },
    ['type', 'response'],
  ),
  server_tool_call: some<PartOf<'server_tool_call'>>(
    { type: fc.constant('server_tool_call'), id: name, name, server_tool_call: object },
    ['type', 'name', 'server_tool_call'],
  ),
  server_tool_call_response: some<PartOf<'server_tool_call_response'>>(
    { type: fc.constant('server_tool_call_response'), id: name, server_tool_call_response: object },
    ['type', 'server_tool_call_response'],
  ),
  uri: some<PartOf<'uri'>>({ type: fc.constant('uri'), modality, uri: name, mime_type: name }, [
    'type',
    'modality',
    'uri',
  ]),
  file: some<PartOf<'file'>>({ type: fc.constant('file'), modality, file_id: name, mime_type: name }, [
    'type',
    'modality',
    'file_id',
  ]),
  blob: some<PartOf<'blob'>>({ type: fc.constant('blob'), modality, content: name, mime_type: name }, [
    'type',
    'modality',
    'content',
  ]),
  other: some<PartOf<'other'>>({ type: fc.constant('other'), content: json }, ['type', 'content']),
};
const part: fc.Arbitrary<MessagePart> = fc.oneof(...Object.values(PARTS));

const message = some<Message>({ role: name, name, parts: list(part) }, ['role', 'parts']);
const output = some<OutputMessage>({ role: name, name, parts: list(part), finish_reason: name }, ['role', 'parts']);
const tool = some<ToolDefinition>({ type: name, name, description: text, parameters: json }, ['type', 'name']);

const parameters = some<RequestParameters>({
  temperature: number,
  topP: number,
  topK: count,
  maxTokens: count,
  stopSequences: fc.array(text, { minLength: 1, maxLength: 2 }),
  seed: fc.integer(),
  frequencyPenalty: number,
  presencePenalty: number,
  choiceCount: count,
  stream: fc.boolean(),
  outputType: name,
  serviceTier: name,
  reasoningLevel: name,
  encodingFormats: someNames,
  dimensions: count,
  other: fc.dictionary(name, json, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
});

/** What a response states outside its usage object. */
const facts = some<
  Pick<
    ReportedUsage,
    'serverTools' | 'units' | 'serviceTier' | 'inferenceGeo' | 'speed' | 'searchContext' | 'billedUsd'
  >
>({
  serverTools: fc.dictionary(name, count, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  units: fc.dictionary(name, count, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  serviceTier: name,
  inferenceGeo: name,
  speed: name,
  searchContext: fc.constantFrom('low', 'medium', 'high'),
  billedUsd: fc.nat().map((micros) => `0.${micros}`),
});

const RAW_USAGES: readonly RawUsage[] = fixtureCalls().flatMap(({ call }) => call.rawUsage ?? []);

/** A usage object of each format we have fixtures of, with other counts in it and some missing. */
const rawUsage: fc.Arbitrary<RawUsage> = fc
  .tuple(fc.constantFrom(...RAW_USAGES), fc.infiniteStream(fc.option(count, { freq: 4 })))
  .map(([{ format, body }, counts]) => ({ format, body: withCounts(body, counts) as JsonObject }));

function withCounts(value: Json | undefined, counts: Iterator<number | null>): Json | undefined {
  if (typeof value === 'number') return (counts.next().value as number | null) ?? undefined;
  if (Array.isArray(value)) return value.map((item) => withCounts(item, counts) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return defined(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withCounts(item, counts)])));
}

type Usage = Pick<LlmCall, 'usage' | 'rawUsage'>;

const reported: fc.Arbitrary<Usage> = fc
  .tuple(rawUsage, fc.oneof(fc.constant({}), facts))
  .map(([raw, stated]): Usage => {
    const usage = readUsage(raw);
    return usage ? { usage: { ...usage, ...stated }, rawUsage: raw } : {};
  });

const units: fc.Arbitrary<Usage> = fc
  .dictionary(name, count, { minKeys: 1, maxKeys: 2, noNullPrototype: true })
  .map((billed) => ({
    usage: {
      units: billed,
      inputIncludes: { cacheRead: true, cacheWrite: true },
      outputIncludes: { reasoning: true },
    },
  }));

/** A call of any kind, as the instrumentation may make it. */
export const anyCall: fc.Arbitrary<LlmCall> = fc
  .tuple(
    some<Omit<LlmCall, 'usage' | 'rawUsage'>>(
      {
        operation: fc.constantFrom('chat', 'text_completion', 'generate_content', 'embeddings', 'rerank', 'moderation'),
        provider: fc.constantFrom('openai', 'anthropic', 'azure.ai.openai'),
        requestModel: name,
        responseModel: name,
        responseId: name,
        conversationId: name,
        server: some<{ address: string; port: number }>({ address: name, port: count }, ['address']),
        parameters,
        systemInstructions: list(part),
        input: list(message),
        tools: list(tool),
        output: list(output),
        finishReasons: someNames,
        timeToFirstChunk: number,
        error: some<NonNullable<LlmCall['error']>>({ type: name, message: name, status: count }, ['type']),
        problems: list(fc.record({ code: name, message: text }, { noNullPrototype: true })),
      },
      ['operation', 'parameters', 'problems'],
    ),
    fc.oneof(fc.constant({}), units, { arbitrary: reported, weight: 4 }),
    fc.option(fc.tuple(count, count)),
  )
  .map(([call, usage, counted]) => (counted ? completed({ ...call, ...usage }, ...counted) : { ...call, ...usage }));

/** The call with counts of ours in place of those that are missing, as of a stream that was cut. */
function completed(call: LlmCall, ownInput: number, ownOutput: number): LlmCall {
  const { usage } = call;
  if (usage?.billedUsd ?? usage?.units ?? usage?.parts) return call;
  const missing = defined({
    input: usage?.input === undefined ? ownInput : undefined,
    output: usage?.output === undefined ? ownOutput : undefined,
  });
  return withEstimate(call, { ...missing, method: 'tiktoken o200k_base' });
}
