import type { JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asObjects, asString } from '../util/json-read.ts';
import { withoutMedia } from '../util/media.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/** The events that end a response carry the whole of it. */
const ENDINGS = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
  'response.done', // Realtime
]);

/** Delta events of an item -> the field they extend. */
const ITEM_DELTAS: ReadonlyMap<string, string> = new Map([
  ['response.function_call_arguments.delta', 'arguments'],
  ['response.mcp_call_arguments.delta', 'arguments'],
  ['response.custom_tool_call_input.delta', 'input'],
  ['response.code_interpreter_call_code.delta', 'code'],
]);

/** Delta events of a part -> the list it is in, its index, its type and the field they extend. */
const PART_DELTAS: ReadonlyMap<string, readonly [list: string, index: string, type: string, field: string]> = new Map([
  ['response.output_text.delta', ['content', 'content_index', 'output_text', 'text']],
  ['response.refusal.delta', ['content', 'content_index', 'refusal', 'refusal']],
  ['response.reasoning_text.delta', ['content', 'content_index', 'reasoning_text', 'text']],
  ['response.reasoning_summary_text.delta', ['summary', 'summary_index', 'summary_text', 'text']],
  // Realtime, in its present and its former version
  ['response.output_audio_transcript.delta', ['content', 'content_index', 'output_audio', 'transcript']],
  ['response.audio_transcript.delta', ['content', 'content_index', 'audio', 'transcript']],
  ['response.text.delta', ['content', 'content_index', 'text', 'text']],
]);

/**
 * Follows a response stream. The last event has everything; the pieces before it are only kept for a stream that is cut.
 * Holds at most three times `maxTextLength`: of unfinished items, of finished ones and of the whole response.
 */
export class ResponseStreamAssembler implements StreamAssembler {
  complete = false;

  readonly #maxTextLength: number;
  readonly #draftBudget: ContentBudget;
  readonly #itemBudget: ContentBudget;
  #response: JsonObject | undefined;
  readonly #items = new Map<number, JsonObject>();

  constructor(maxTextLength: number) {
    this.#maxTextLength = maxTextLength;
    this.#draftBudget = new ContentBudget(maxTextLength);
    this.#itemBudget = new ContentBudget(maxTextLength);
  }

  push({ event, data }: StreamEvent): void {
    if (this.complete) return;
    const type = asString(data.type) ?? event ?? '';
    const response = asObject(data.response);
    if (response) this.#setResponse(response, ENDINGS.has(type));
    else if (type === 'error') this.#fail(asObject(data.error) ?? errorOf(data));
    else if (type === 'response.output_item.added')
      this.#items.set(indexOf(data), this.#draftBudget.takeAll(asObject(data.item) ?? {}));
    else if (type === 'response.output_item.done')
      this.#items.set(indexOf(data), this.#itemBudget.takeAll(withoutImage(asObject(data.item) ?? {})));
    else this.#pushDelta(type, data);
  }

  /** An end that has no output (a failure) does not undo what was streamed. */
  body(): JsonObject | undefined {
    const isWhole = asArray(this.#response?.output)?.length;
    return isWhole || this.#items.size === 0 ? this.#response : { ...this.#response, output: inOrder(this.#items) };
  }

  #setResponse(response: JsonObject, isEnd: boolean): void {
    this.complete = isEnd;
    const output = asObjects(response.output).map(withoutImage);
    this.#response = { ...response, output: new ContentBudget(this.#maxTextLength).takeAll(output) };
  }

  #fail(error: JsonObject): void {
    this.complete = true;
    this.#response = { ...this.#response, error };
  }

  #pushDelta(type: string, data: JsonObject): void {
    const delta = asString(data.delta);
    if (delta === undefined) return;
    const item = this.#items.get(indexOf(data));
    const itemField = ITEM_DELTAS.get(type);
    const part = PART_DELTAS.get(type);
    if (!item || !(itemField ?? part)) return;
    const text = this.#draftBudget.take(delta);
    if (itemField) extend(item, itemField, text);
    else if (part) extend(partOf(item, data, part), part[3], text);
  }
}

/** The `error` event has the fields of an error object beside its own type, at some servers inside one. */
function errorOf({ code, message }: JsonObject): JsonObject {
  return { code, message };
}

/** The image that an item carries inline would use up what is kept of the text. */
function withoutImage(item: JsonObject): JsonObject {
  return item.type === 'image_generation_call' ? { ...item, result: withoutMedia(item.result ?? null) } : item;
}

function indexOf(data: JsonObject): number {
  return asCount(data.output_index) ?? 0;
}

function partOf(
  item: JsonObject,
  data: JsonObject,
  [list, indexField, type]: readonly [string, string, string, string],
): JsonObject {
  const parts = asArray(item[list]) ?? [];
  item[list] = parts;
  // An index is only ever the next one; anything else would make a hole.
  const index = Math.min(asCount(data[indexField]) ?? 0, parts.length);
  const part = asObject(parts[index]) ?? { type };
  parts[index] = part;
  return part;
}

function extend(target: JsonObject, field: string, text: string): void {
  target[field] = (asString(target[field]) ?? '') + text;
}
