import type { Json, JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asObjects, asString } from '../util/json-read.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/** Fields of a chunk that the whole response has too: the first value holds. Azure's first chunk has them empty. */
const META_FIELDS = ['id', 'object', 'created', 'model', 'system_fingerprint', 'error'] as const;
/** Fields of a delta that grow. */
const TEXT_FIELDS = ['content', 'refusal', 'reasoning', 'reasoning_content'] as const;

/** Puts chunks of chat completions and legacy completions together. */
export class ChatStreamAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  readonly #body: JsonObject = {};
  readonly #choices = new Map<number, JsonObject>();
  #ended = false;

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  get complete(): boolean {
    const choices = [...this.#choices.values()];
    return this.#ended || (choices.length > 0 && choices.every((choice) => Boolean(choice.finish_reason)));
  }

  push({ data }: StreamEvent): void {
    for (const field of META_FIELDS) if (data[field]) this.#body[field] ??= data[field];
    if (data.service_tier) this.#body.service_tier = data.service_tier;
    // With `include_usage` the last chunk has usage and no choices; Groq and Moonshot put it elsewhere.
    const usage = asObject(data.usage) ?? asObject(asObject(data.x_groq)?.usage);
    if (usage) this.#body.usage = usage;
    const choices = asObjects(data.choices);
    // All that a stream of Writer's completions has.
    if (typeof data.value === 'string') choices.push({ text: data.value });
    if (data.error || (usage && choices.length === 0)) this.#ended = true;
    for (const choice of choices) this.#pushChoice(choice);
  }

  body(): JsonObject | undefined {
    const choices = inOrder(this.#choices);
    if (choices.length > 0) return { ...this.#body, choices };
    return Object.keys(this.#body).length > 0 ? this.#body : undefined;
  }

  #pushChoice(chunk: JsonObject): void {
    const index = asCount(chunk.index) ?? 0;
    const choice: JsonObject = this.#choices.get(index) ?? { index };
    this.#choices.set(index, choice);
    if (chunk.finish_reason) choice.finish_reason = chunk.finish_reason;
    if (chunk.error) choice.error = chunk.error;
    const usage = asObject(chunk.usage);
    if (usage) this.#body.usage ??= usage;
    if (typeof chunk.text === 'string') this.#append(choice, 'text', chunk.text);
    // Some servers send a whole message in one chunk.
    const delta = asObject(chunk.delta) ?? asObject(chunk.message);
    if (delta) this.#pushDelta((choice.message ??= { role: 'assistant' }) as JsonObject, delta);
  }

  #pushDelta(message: JsonObject, delta: JsonObject): void {
    if (asString(delta.role)) message.role = delta.role;
    for (const field of TEXT_FIELDS) this.#append(message, field, delta[field]);
    const functionCall = asObject(delta.function_call);
    if (functionCall) this.#pushFunction((message.function_call ??= {}) as JsonObject, functionCall);
    const transcript = asString(asObject(delta.audio)?.transcript);
    if (transcript) this.#append((message.audio ??= {}) as JsonObject, 'transcript', transcript);
    for (const call of asObjects(delta.tool_calls))
      this.#pushToolCall((message.tool_calls ??= []) as JsonObject[], call);
  }

  #pushToolCall(calls: JsonObject[], delta: JsonObject): void {
    const call = findCall(calls, delta) ?? { index: asCount(delta.index) ?? calls.length };
    if (!calls.includes(call)) calls.push(call);
    if (asString(delta.id)) call.id = delta.id;
    if (asString(delta.type)) call.type = delta.type;
    for (const kind of ['function', 'custom'] as const) {
      const target = asObject(delta[kind]);
      if (target) this.#pushFunction((call[kind] ??= {}) as JsonObject, target);
    }
  }

  #pushFunction(target: JsonObject, delta: JsonObject): void {
    if (asString(delta.name)) target.name = delta.name;
    this.#append(target, 'arguments', delta.arguments);
    this.#append(target, 'input', delta.input);
  }

  /** Adds to a field that is a text, or at Mistral a list of parts. */
  #append(target: JsonObject, field: string, value: Json | undefined): void {
    const known = target[field];
    if (typeof value === 'string' && !Array.isArray(known)) {
      target[field] = (asString(known) ?? '') + this.#budget.take(value);
    } else if (typeof value === 'string' || Array.isArray(value)) {
      const list = asArray(known) ?? (asString(known) ? [{ type: 'text', text: known }] : []);
      target[field] = list;
      this.#appendParts(list, typeof value === 'string' ? [{ type: 'text', text: value }] : value);
    }
  }

  /** Pieces of one text, or of one thought, which is a list of texts, become one part; other parts come whole. */
  #appendParts(list: Json[], pieces: readonly Json[]): void {
    for (const piece of asObjects(pieces)) {
      const field = piece.text === undefined ? 'thinking' : 'text';
      if (piece[field] === undefined) {
        list.push(this.#budget.takeAll(piece));
        continue;
      }
      const last = asObject(list.at(-1));
      const part: JsonObject = last && last.type === piece.type ? last : { type: piece.type };
      if (part !== last) list.push(part);
      this.#append(part, field, piece[field]);
    }
  }
}

/** The call that a delta continues: by index, but some servers give every new call the index 0, or none at all. */
function findCall(calls: readonly JsonObject[], delta: JsonObject): JsonObject | undefined {
  const index = asCount(delta.index);
  const id = asString(delta.id);
  const found = index === undefined ? calls.at(-1) : calls.findLast((call) => call.index === index);
  const isAnother = id && found?.id && found.id !== id;
  return isAnother ? calls.find((call) => call.id === id) : found;
}
