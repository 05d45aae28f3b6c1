import type { Json, JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asString } from '../util/json-read.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/** Puts the events of a conversation's response together: each output has an index and grows by deltas of its type. */
export class ConversationStreamAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  readonly #outputs = new Map<number, JsonObject>();
  #body: JsonObject | undefined;
  complete = false;

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  push({ data }: StreamEvent): void {
    this.#body ??= {};
    const type = asString(data.type) ?? '';
    const index = asCount(data.output_index);
    if (asString(data.conversation_id)) this.#body.conversation_id = data.conversation_id;
    if (index !== undefined) this.#pushOutput(index, type, data);
    if (type === 'conversation.response.done') this.#body.usage = data.usage;
    if (type === 'conversation.response.error') this.#body.error = { message: data.message, code: data.code };
    this.complete ||= type === 'conversation.response.done' || type === 'conversation.response.error';
  }

  body(): JsonObject | undefined {
    return this.#body && { ...this.#body, outputs: inOrder(this.#outputs) };
  }

  #pushOutput(index: number, type: string, data: JsonObject): void {
    // `message.output.delta` is a piece of a `message.output`.
    const output = this.#outputs.get(index) ?? { type: type.slice(0, type.lastIndexOf('.')) };
    this.#outputs.set(index, output);
    for (const field of ['id', 'name', 'model', 'tool_call_id', 'info'] as const) {
      if (data[field]) output[field] ??= this.#budget.takeAll(data[field]);
    }
    const piece = asString(data.arguments);
    if (piece !== undefined) output.arguments = (asString(output.arguments) ?? '') + this.#budget.take(piece);
    if (data.content) this.#pushContent((output.content ??= []) as Json[], data.content);
  }

  /** A text, or a chunk of another kind, which comes whole. */
  #pushContent(content: Json[], piece: Json): void {
    const last = asObject(content.at(-1));
    const chunk = asObject(piece);
    if (chunk && chunk.type !== 'text') content.push(this.#budget.takeAll(chunk));
    else if (asArray(piece)) for (const item of piece as Json[]) this.#pushContent(content, item);
    else {
      const text = this.#budget.take(asString(chunk?.text ?? piece) ?? '');
      if (last?.type === 'text') last.text = (asString(last.text) ?? '') + text;
      else content.push({ type: 'text', text });
    }
  }
}
