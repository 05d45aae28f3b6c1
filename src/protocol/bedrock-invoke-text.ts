/**
 * The formats of models that complete a text (Titan, Llama, Mistral, Cohere Command, Jurassic, Claude 2) and of those
 * that embed one. They say the same under different names, so names are all there is to know.
 */
import type { JsonObject } from '../model/json.ts';
import type { RequestParameters } from '../model/llm-call.ts';
import type { Message, MessagePart, OutputMessage } from '../model/message.ts';
import { asCount, asNumber, asObject, asObjects, asString, asStrings, defined } from '../util/json-read.ts';
import type { ContentBudget } from './content-budget.ts';
import type { RequestReading, ResponseReading } from './protocol.ts';
import { textParts } from './reading.ts';

/** Vendors' names for one thing, the first that is there counts. */
const NAMES = {
  prompt: ['prompt', 'inputText', 'message', 'query'],
  prompts: ['texts', 'documents'],
  maxTokens: ['maxTokenCount', 'max_gen_len', 'max_tokens', 'max_tokens_to_sample', 'maxTokens'],
  topP: ['topP', 'top_p', 'p'],
  topK: ['topK', 'top_k', 'k'],
  stopSequences: ['stopSequences', 'stop_sequences', 'stop'],
  dimensions: ['dimensions', 'output_dimension', 'embeddingDimension'],
  choices: ['results', 'outputs', 'generations', 'completions'],
  text: ['outputText', 'text', 'generation', 'completion'],
  finishReason: ['completionReason', 'stop_reason', 'finish_reason', 'finishReason'],
  inputTokens: ['inputTextTokenCount', 'prompt_token_count'],
  outputTokens: ['totalOutputTextTokenCount', 'tokenCount', 'generation_token_count'],
} as const;

/** The first value that `read` makes something of. */
function first<T>(
  object: JsonObject,
  names: keyof typeof NAMES,
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const name of NAMES[names]) {
    const value = read(object[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function readTextRequest(body: JsonObject): RequestReading {
  // Nova's embeddings put all of it one level down.
  const embedded = asObject(body.singleEmbeddingParams) ?? {};
  const settings = { ...body, ...embedded, ...asObject(body.textGenerationConfig) };
  const text = asString(asObject(embedded.text)?.value) ?? first(body, 'prompt', asString);
  const texts = text === undefined ? (first(body, 'prompts', asStrings) ?? []) : [text];
  const parameters: RequestParameters = defined({
    temperature: asNumber(settings.temperature),
    topP: first(settings, 'topP', asNumber),
    topK: first(settings, 'topK', asNumber),
    maxTokens: first(settings, 'maxTokens', asCount),
    stopSequences: first(settings, 'stopSequences', asStrings),
    dimensions: first(settings, 'dimensions', asCount),
  });
  const input = texts.map((content): Message => ({ role: 'user', parts: textParts(content) }));
  // Only Command R calls it a message, because it goes on in a chat.
  const operation = body.message === undefined ? 'text_completion' : 'chat';
  return { operation, parameters, ...(input.length > 0 && { input }) };
}

export function readTextResponse(body: JsonObject): ResponseReading {
  const output = choicesOf(body).flatMap((choice) => readChoice(choice, body));
  const finishReasons = output.flatMap((message) => message.finish_reason ?? []);
  return { ...(output.length > 0 && { output }), ...(finishReasons.length > 0 && { finishReasons }) };
}

/** The choices of a plain response, or of a stream the only one. Those of Jurassic have their text one level down. */
function choicesOf(body: JsonObject): JsonObject[] {
  const choices = first(body, 'choices', (value) => (Array.isArray(value) ? asObjects(value) : undefined)) ?? [body];
  return choices.map((choice) => ({ ...choice, ...asObject(choice.data) }));
}

function readChoice(choice: JsonObject, body: JsonObject): OutputMessage[] {
  const text = first(choice, 'text', asString);
  const calls = asObjects(choice.tool_calls).map((call): MessagePart => ({
    type: 'tool_call',
    name: asString(call.name) ?? '',
    ...defined({ arguments: call.parameters }),
  }));
  if (text === undefined && calls.length === 0) return [];
  const intervened = body['amazon-bedrock-guardrailAction'] === 'INTERVENED' ? 'guardrail_intervened' : undefined;
  const stated = first(choice, 'finishReason', (value) => asString(value) ?? asString(asObject(value)?.reason));
  const parts = [...textParts(text), ...calls];
  return [{ role: 'assistant', parts, ...defined({ finish_reason: stated ?? intervened }) }];
}

/** The counts of a response that states them itself, under the names that Bedrock gives them. */
export function countsOf(body: JsonObject): JsonObject {
  const written = choicesOf(body).map((choice) => first(choice, 'outputTokens', asCount));
  const outputTokenCount = written.reduce((sum, count) => (count === undefined ? sum : (sum ?? 0) + count), undefined);
  return defined({ inputTokenCount: first(body, 'inputTokens', asCount), outputTokenCount });
}

const GROWING: ReadonlySet<string> = new Set(NAMES.text);

/** Adds a chunk of a stream to what came before: texts grow, lists of choices are merged, all else is replaced. */
export function mergeChunk(target: JsonObject, chunk: JsonObject, budget: ContentBudget): void {
  for (const [name, value] of Object.entries(chunk)) {
    if (value === undefined || value === null) continue;
    if (typeof value === 'string' && GROWING.has(name)) {
      target[name] = (asString(target[name]) ?? '') + budget.take(value);
    } else if (Array.isArray(value) && NAMES.choices.some((known) => known === name)) {
      target[name] = mergeChoices(asObjects(target[name]), asObjects(value), budget);
    } else target[name] = budget.takeAll(value);
  }
}

function mergeChoices(known: JsonObject[], chunks: readonly JsonObject[], budget: ContentBudget): JsonObject[] {
  for (const [index, chunk] of chunks.entries()) mergeChunk((known[index] ??= {}), chunk, budget);
  return known;
}
