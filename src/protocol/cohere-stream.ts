import type { Json, JsonObject } from '../model/json.ts';
import { asCount, asObject, asString, defined } from '../util/json-read.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/**
 * Puts a chat of either version together: events of version 2 have a `type`, those of version 1 are read as
 * {@link CohereLineAssembler} reads them.
 */
export class CohereChatAssembler implements StreamAssembler {
  readonly #lines: CohereLineAssembler;
  readonly #budget: ContentBudget;
  readonly #parts = new Map<number, JsonObject>();
  readonly #calls = new Map<number, JsonObject>();
  #body: JsonObject | undefined;
  #plan = '';
  #ended = false;

  constructor(maxTextLength: number) {
    this.#lines = new CohereLineAssembler(maxTextLength);
    this.#budget = new ContentBudget(maxTextLength);
  }

  get complete(): boolean {
    return this.#ended || this.#lines.complete;
  }

  push(event: StreamEvent): void {
    const type = asString(event.data.type);
    if (type === undefined) return this.#lines.push(event);
    this.#body ??= {};
    const delta: JsonObject = asObject(event.data.delta) ?? {};
    const message: JsonObject = asObject(delta.message) ?? {};
    if (type === 'message-start') this.#body.id = event.data.id;
    if (type === 'message-end') this.#end(delta);
    this.#pushText(asCount(event.data.index) ?? 0, asObject(message.content) ?? {});
    this.#plan += this.#budget.take(asString(message.tool_plan) ?? '');
    const call = asObject(message.tool_calls);
    if (call) this.#pushCall(asCount(event.data.index) ?? 0, call);
  }

  body(): JsonObject | undefined {
    if (!this.#body) return this.#lines.body();
    const message: JsonObject = { role: 'assistant', content: inOrder(this.#parts) };
    if (this.#plan) message.tool_plan = this.#plan;
    if (this.#calls.size > 0) message.tool_calls = inOrder(this.#calls);
    return { ...this.#body, message };
  }

  #end({ finish_reason, usage, error }: JsonObject): void {
    this.#body = { ...this.#body, finish_reason, usage, error };
    this.#ended = true;
  }

  #pushText(index: number, content: JsonObject): void {
    for (const field of ['text', 'thinking'] as const) {
      const piece = asString(content[field]);
      if (piece === undefined) continue;
      const part = this.#parts.get(index) ?? { type: field };
      this.#parts.set(index, part);
      part[field] = (asString(part[field]) ?? '') + this.#budget.take(piece);
    }
  }

  #pushCall(index: number, { id, function: piece }: JsonObject): void {
    const call: JsonObject = this.#calls.get(index) ?? { type: 'function', function: {} };
    this.#calls.set(index, call);
    const target = call.function as JsonObject;
    const { name, arguments: text } = asObject(piece) ?? {};
    if (asString(id)) call.id = id;
    if (asString(name)) target.name = name;
    if (asString(text)) target.arguments = (asString(target.arguments) ?? '') + this.#budget.take(asString(text) ?? '');
  }
}

/** What is read of the whole response, the content first, so that it is the first to get its share of the bound. */
const RESPONSE_FIELDS = [
  'text',
  'generations',
  'tool_calls',
  'id',
  'response_id',
  'generation_id',
  'finish_reason',
  'meta',
] as const;

/**
 * Puts the lines of version 1 together: pieces of text, and a last line with the whole response, which replaces them.
 */
export class CohereLineAssembler implements StreamAssembler {
  readonly #maxTextLength: number;
  readonly #budget: ContentBudget;
  #body: JsonObject | undefined;
  #text = '';
  complete = false;

  constructor(maxTextLength: number) {
    this.#maxTextLength = maxTextLength;
    this.#budget = new ContentBudget(maxTextLength);
  }

  push({ data }: StreamEvent): void {
    this.#body ??= {};
    if (data.is_finished === true) return this.#end(data);
    if (asString(data.generation_id)) this.#body.generation_id = data.generation_id;
    // Generations asked for together come mixed; the first is shown until the last line brings them all.
    if (asString(data.text) && !data.index) this.#text += this.#budget.take(asString(data.text) ?? '');
  }

  body(): JsonObject | undefined {
    return this.#text === '' ? this.#body : { ...this.#body, text: this.#text };
  }

  #end({ response, finish_reason, error, err }: JsonObject): void {
    this.complete = true;
    const whole = asObject(response);
    this.#body = { ...this.#body, finish_reason, error: error ?? err };
    if (!whole) return;
    const kept = Object.fromEntries(RESPONSE_FIELDS.map((field) => [field, whole[field] as Json]));
    this.#text = '';
    this.#body = { ...this.#body, ...new ContentBudget(this.#maxTextLength).takeAll(defined(kept)) };
  }
}
