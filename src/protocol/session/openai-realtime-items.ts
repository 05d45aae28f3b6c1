import type { Json, JsonObject } from '../../model/json.ts';
import type { Message, MessagePart } from '../../model/message.ts';
import { asCount, asObject, asObjects, asString } from '../../util/json-read.ts';
import { withoutMedia } from '../../util/media.ts';
import { ContentBudget } from '../content-budget.ts';
import { readContent } from '../openai-content.ts';
import { readInput } from '../openai-response-items.ts';
import { mergeByRole, textParts } from '../reading.ts';
import { type MediaFormat, streamedPart } from './streamed-media.ts';
import { setBounded } from './bounded.ts';

/** Audio of an item: it travels in other messages than the item. */
export interface ItemAudio {
  bytes: number;
  format: MediaFormat;
}

/** Items that may wait for the next response; of more, the oldest are forgotten. */
const MAX_ITEMS = 200;

/** The items of a conversation that no response has been asked with yet. */
export class FreshItems {
  readonly #maxTextLength: number;
  #budget: ContentBudget;
  #items = new Map<string, JsonObject>();
  #audio = new Map<string, ItemAudio>();

  constructor(maxTextLength: number) {
    this.#maxTextLength = maxTextLength;
    this.#budget = new ContentBudget(maxTextLength);
  }

  /** Servers announce an item when it is added and once more when it is done. */
  set(item: JsonObject): void {
    const id = asString(item.id) ?? '';
    setBounded(this.#items, id, this.#budget.takeAll(withoutMedia(item)) as JsonObject, MAX_ITEMS);
  }

  delete(id: string): void {
    this.#items.delete(id);
    this.#audio.delete(id);
  }

  setAudio(id: string, audio: ItemAudio): void {
    setBounded(this.#audio, id, audio, MAX_ITEMS);
  }

  /** Takes all of them, for a response. */
  take(): TakenItems {
    const taken = new TakenItems(this.#items, this.#audio, this.#budget);
    this.#items = new Map();
    this.#audio = new Map();
    this.#budget = new ContentBudget(this.#maxTextLength);
    return taken;
  }

  /** What was said, as it was understood later. */
  setTranscript(id: string, contentIndex: Json | undefined, transcript: string): void {
    setTranscript(this.#items.get(id), contentIndex, transcript, this.#budget);
  }
}

/** The items a response was asked with: what was said in them may be understood while it is answered. */
export class TakenItems {
  readonly #items: ReadonlyMap<string, JsonObject>;
  readonly #audio: ReadonlyMap<string, ItemAudio>;
  readonly #budget: ContentBudget;

  constructor(items: ReadonlyMap<string, JsonObject>, audio: ReadonlyMap<string, ItemAudio>, budget: ContentBudget) {
    this.#items = items;
    this.#audio = audio;
    this.#budget = budget;
  }

  setTranscript(id: string, contentIndex: Json | undefined, transcript: string): void {
    setTranscript(this.#items.get(id), contentIndex, transcript, this.#budget);
  }

  messages(): Message[] {
    return readItems([...this.#items.values()], this.#audio);
  }
}

function setTranscript(
  item: JsonObject | undefined,
  contentIndex: Json | undefined,
  transcript: string,
  budget: ContentBudget,
): void {
  const part = asObjects(item?.content)[asCount(contentIndex) ?? 0];
  if (part) part.transcript = budget.take(transcript);
}

/** Items of the Realtime API: those of the Responses API, with audio in messages. */
export function readItems(items: readonly JsonObject[], audio: ReadonlyMap<string, ItemAudio>): Message[] {
  return mergeByRole(
    items.flatMap((item) => {
      if (item.type !== 'message') return readInput([item]) ?? [];
      return [{ role: asString(item.role) ?? 'user', parts: readParts(item, audio.get(asString(item.id) ?? '')) }];
    }),
  );
}

const AUDIO_TYPES = new Set(['input_audio', 'output_audio', 'audio']);

function readParts(item: JsonObject, audio: ItemAudio | undefined): MessagePart[] {
  return asObjects(item.content).flatMap((part) => {
    if (!AUDIO_TYPES.has(asString(part.type) ?? '')) return readContent([part]);
    return [...textParts(part.transcript), ...(audio ? [streamedPart(audio.bytes, audio.format)] : [])];
  });
}

/** The format of audio in a session: an object, in the former version of the API a name. */
export function readAudioFormat(value: Json | undefined): MediaFormat {
  const format = asObject(value);
  const rate = asCount(format?.rate);
  return { name: asString(value) ?? asString(format?.type) ?? 'audio/pcm', ...(rate !== undefined && { rate }) };
}
