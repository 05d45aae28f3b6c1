import type { JsonObject } from '../model/json.ts';
import { asObject, asObjects, asString } from '../util/json-read.ts';
import { ContentBudget } from './content-budget.ts';
import { OLLAMA_COUNTERS } from './ollama-reading.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/** Fields of a line that the whole response has too: the last value holds. */
const META_FIELDS = ['model', 'done', 'done_reason', 'error', ...OLLAMA_COUNTERS] as const;

/** Puts the lines of a chat, whose texts are in a `message`, or of a completion together. The last has the counters. */
export class OllamaStreamAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  #body: JsonObject | undefined;
  complete = false;

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  push({ data }: StreamEvent): void {
    this.#body ??= {};
    for (const field of META_FIELDS) if (data[field] !== undefined) this.#body[field] = data[field];
    if (data.done === true || data.error !== undefined) this.complete = true;
    this.#append(this.#body, data, ['response', 'thinking']);
    const delta = asObject(data.message);
    if (delta) this.#pushMessage((this.#body.message ??= {}) as JsonObject, delta);
  }

  body(): JsonObject | undefined {
    return this.#body;
  }

  #pushMessage(message: JsonObject, delta: JsonObject): void {
    if (asString(delta.role)) message.role = delta.role;
    this.#append(message, delta, ['content', 'thinking']);
    // Tool calls are never split.
    const calls = asObjects(delta.tool_calls);
    if (calls.length > 0) message.tool_calls = [...asObjects(message.tool_calls), ...this.#budget.takeAll(calls)];
  }

  #append(target: JsonObject, delta: JsonObject, fields: readonly string[]): void {
    for (const field of fields) {
      const piece = asString(delta[field]);
      if (piece !== undefined) target[field] = (asString(target[field]) ?? '') + this.#budget.take(piece);
    }
  }
}
