import type { JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asString } from '../util/json-read.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';
import { parseArguments } from './reading.ts';

/**
 * Puts the events of a message stream together.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export class MessageStreamAssembler implements StreamAssembler {
  complete = false;

  readonly #budget: ContentBudget;
  readonly #message: JsonObject = {};
  readonly #blocks = new Map<number, JsonObject>();
  /** Arguments of tool calls, which arrive as pieces of JSON text. */
  readonly #inputs = new Map<number, string>();
  /** Whether `message_delta` or the end has confirmed the counts. */
  #counted = false;

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  push({ event, data }: StreamEvent): void {
    switch (data.type ?? event) {
      case 'message_start':
        this.#start(asObject(data.message) ?? {});
        break;
      case 'content_block_start':
        this.#blocks.set(asCount(data.index) ?? 0, this.#budget.takeAll(asObject(data.content_block) ?? {}));
        break;
      case 'content_block_delta':
        this.#extend(asCount(data.index) ?? 0, asObject(data.delta) ?? {});
        break;
      case 'message_delta':
        this.#finish(asObject(data.delta) ?? {}, asObject(data.usage));
        break;
      case 'message_stop':
        this.#counted = true;
        this.complete = true;
        break;
      case 'error':
        this.#message.error = data.error ?? data;
        this.complete = true;
        break;
    }
  }

  body(): JsonObject | undefined {
    if (this.#blocks.size === 0 && Object.keys(this.#message).length === 0) return undefined;
    for (const [index, input] of this.#inputs) {
      const block = this.#blocks.get(index);
      if (block) block.input = parseArguments(input) ?? block.input;
    }
    return { ...this.#message, content: inOrder(this.#blocks), usage: this.#usage() };
  }

  /** Until the counts at the end replace it, `output_tokens` is a placeholder of a few tokens: no count to bill by. */
  #usage(): JsonObject | undefined {
    const usage = asObject(this.#message.usage);
    if (!usage || this.#counted) return usage;
    const { output_tokens: _placeholder, ...counted } = usage;
    return counted;
  }

  #start(message: JsonObject): void {
    Object.assign(this.#message, message);
    for (const [index, block] of (asArray(message.content) ?? []).entries())
      this.#blocks.set(index, this.#budget.takeAll(asObject(block) ?? {}));
  }

  /** A delta extends the field of the same name, whatever its kind: text, thinking, signature, compaction, ... */
  #extend(index: number, delta: JsonObject): void {
    const block = this.#blocks.get(index) ?? {};
    this.#blocks.set(index, block);
    for (const [field, value] of Object.entries(delta)) {
      if (field === 'type' || typeof value !== 'string') continue;
      const text = this.#budget.take(value);
      if (field === 'partial_json') this.#inputs.set(index, (this.#inputs.get(index) ?? '') + text);
      else block[field] = (asString(block[field]) ?? '') + text;
    }
  }

  /** The counts of `message_delta` are cumulative, so they replace those of `message_start` where stated. */
  #finish(delta: JsonObject, usage: JsonObject | undefined): void {
    Object.assign(this.#message, delta);
    if (asString(delta.stop_reason)) this.complete = true;
    if (!usage) return;
    const stated = Object.entries(usage).filter(([, value]) => value !== null);
    this.#message.usage = { ...asObject(this.#message.usage), ...Object.fromEntries(stated) };
    this.#counted = true;
  }
}
