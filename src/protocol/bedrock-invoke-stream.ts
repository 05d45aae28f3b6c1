import type { JsonObject } from '../model/json.ts';
import { asObject, asString, parseJson } from '../util/json-read.ts';
import { MessageStreamAssembler } from './anthropic-stream.ts';
import { exceptionOf } from './bedrock.ts';
import { ConverseStreamAssembler } from './bedrock-converse-stream.ts';
import { mergeChunk, readTextResponse } from './bedrock-invoke-text.ts';
import { ContentBudget } from './content-budget.ts';
import { ChatStreamAssembler } from './openai-chat-stream.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/** Bedrock's own count, in the last chunk of a stream. */
export const METRICS = 'amazon-bedrock-invocationMetrics';

/** The streams that models have, told by their first event. */
const STREAMS: readonly (readonly [
  is: (event: JsonObject) => boolean,
  new (maxTextLength: number) => StreamAssembler,
])[] = [
  [(event) => typeof event.type === 'string', MessageStreamAssembler],
  [(event) => Array.isArray(event.choices), ChatStreamAssembler],
  [(event) => asObject(event.messageStart) !== undefined, ConverseStreamAssembler],
];

/** Puts the chunks of InvokeModelWithResponseStream together, each an event of the model's own stream in base64. */
export class InvokeStreamAssembler implements StreamAssembler {
  readonly #maxTextLength: number;
  #model: StreamAssembler | undefined;
  #metrics: JsonObject | undefined;
  #error: JsonObject | undefined;

  constructor(maxTextLength: number) {
    this.#maxTextLength = maxTextLength;
  }

  get complete(): boolean {
    return this.#metrics !== undefined || this.#error !== undefined || (this.#model?.complete ?? false);
  }

  push({ event, data }: StreamEvent): void {
    const bytes = asString(data.bytes);
    if (bytes === undefined) {
      this.#error ??= exceptionOf(event, data);
      return;
    }
    const inner = asObject(parseJson(Buffer.from(bytes, 'base64').toString('utf8')));
    if (!inner) return;
    this.#metrics = asObject(inner[METRICS]) ?? this.#metrics;
    const [, Stream = TextStreamAssembler] = STREAMS.find(([is]) => is(inner)) ?? [];
    this.#model ??= new Stream(this.#maxTextLength);
    if (!(this.#model instanceof ConverseStreamAssembler)) return this.#model.push({ data: inner });
    // Nova puts an event into a field of its name.
    for (const [name, value] of Object.entries(inner)) this.#model.push({ event: name, data: asObject(value) ?? {} });
  }

  body(): JsonObject | undefined {
    const body = this.#model?.body();
    const own = { ...(this.#metrics && { [METRICS]: this.#metrics }), ...(this.#error && { error: this.#error }) };
    return body || Object.keys(own).length > 0 ? { ...body, ...own } : undefined;
  }
}

/** Texts that grow, whatever they are called. */
class TextStreamAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  readonly #body: JsonObject = {};

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  get complete(): boolean {
    return readTextResponse(this.#body).finishReasons !== undefined;
  }

  push({ data }: StreamEvent): void {
    mergeChunk(this.#body, data, this.#budget);
  }

  body(): JsonObject {
    return this.#body;
  }
}
