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

/** A model's own stream. */
interface Stream {
  /** Whether it begins with this event. */
  beginsWith(event: JsonObject): boolean;
  assembler(maxTextLength: number): StreamAssembler;
  /** The events in a chunk, where that is not itself one. */
  eventsOf?(chunk: JsonObject): StreamEvent[];
}

const CLAUDE: Stream = {
  beginsWith: (event) => typeof event.type === 'string',
  assembler: (maxTextLength) => new MessageStreamAssembler(maxTextLength),
};

const CHAT: Stream = {
  beginsWith: (event) => Array.isArray(event.choices),
  assembler: (maxTextLength) => new ChatStreamAssembler(maxTextLength),
};

/** An event is in a field of its name. */
const NOVA: Stream = {
  beginsWith: (event) => event.messageStart !== undefined,
  assembler: (maxTextLength) => new ConverseStreamAssembler(maxTextLength),
  eventsOf: (chunk) => Object.entries(chunk).map(([event, data]) => ({ event, data: asObject(data) ?? {} })),
};

const TEXT: Stream = {
  beginsWith: () => true,
  assembler: (maxTextLength) => new TextStreamAssembler(maxTextLength),
};

const STREAMS: readonly Stream[] = [CLAUDE, CHAT, NOVA, TEXT];

/** Puts the chunks of InvokeModelWithResponseStream together, each an event of the model's own stream in base64. */
export class InvokeStreamAssembler implements StreamAssembler {
  readonly #maxTextLength: number;
  #stream: Stream | undefined;
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
    const chunk = asObject(parseJson(Buffer.from(bytes, 'base64').toString('utf8')));
    if (!chunk) return;
    this.#metrics = asObject(chunk[METRICS]) ?? this.#metrics;
    this.#stream ??= STREAMS.find(({ beginsWith }) => beginsWith(chunk)) ?? TEXT;
    this.#model ??= this.#stream.assembler(this.#maxTextLength);
    for (const inner of this.#stream.eventsOf?.(chunk) ?? [{ data: chunk }]) this.#model.push(inner);
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
