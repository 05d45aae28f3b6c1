import type { Json, JsonObject } from '../../model/json.ts';
import type { MessagePart } from '../../model/message.ts';
import { asObject, asObjects, asString, defined } from '../../util/json-read.ts';
import { withoutMedia } from '../../util/media.ts';
import { ContentBudget } from '../content-budget.ts';
import { field } from '../google-content.ts';
import { googleGenerateContent } from '../google-generate-content.ts';
import { GenerateContentAssembler } from '../google-stream.ts';
import type { ExchangeFacts, RequestReading, ResponseReading } from '../protocol.ts';
import { readUsageObject } from '../reading.ts';
import { streamedPart, base64Bytes } from './streamed-media.ts';
import type { SessionMessage, Turn } from './session-protocol.ts';

/** Contents kept of what the model is asked with. */
const MAX_CONTENTS = 200;

const FACTS: ExchangeFacts = { host: '', path: '', responseHeader: () => undefined };

/**
 * One run of the model in a Live session while it happens. Put together as the request and the response that
 * `generateContent` would have had, so that one reader serves both. Media are counted, not kept.
 */
export class LiveTurn {
  usage: JsonObject | undefined;
  endedAt: number | undefined;

  readonly #setup: JsonObject;
  readonly #budget: ContentBudget;
  readonly #contents: Json[] = [];
  readonly #answer: GenerateContentAssembler;
  readonly #sentMedia = new MediaSizes();
  readonly #answeredMedia = new MediaSizes();
  #spoken = '';
  #asked: SessionMessage | undefined;
  #startedAt: number | undefined;
  #firstChunkAt: number | undefined;
  #finishReason: string | undefined;

  constructor(setup: JsonObject, maxTextLength: number) {
    this.#setup = setup;
    this.#budget = new ContentBudget(maxTextLength);
    this.#answer = new GenerateContentAssembler(maxTextLength);
  }

  /** Whether the model was asked or has begun to answer: a microphone that is on is no turn yet. */
  get isBegun(): boolean {
    return (this.#asked ?? this.#firstChunkAt ?? this.usage) !== undefined;
  }

  addContents(turns: Json | undefined, message: SessionMessage): void {
    for (const content of [turns ?? []].flat().slice(0, MAX_CONTENTS - this.#contents.length)) {
      this.#contents.push(this.#budget.takeAll(withoutMedia(content)));
    }
    this.#ask(message);
  }

  addToolResults(results: Json | undefined, message: SessionMessage): void {
    const parts = asObjects([results ?? []].flat()).map((functionResponse) => ({ functionResponse }));
    this.addContents({ role: 'tool', parts }, message);
  }

  addRealtimeInput(input: JsonObject, message: SessionMessage): void {
    const media = [input.audio, input.video, ...asObjects(field(input, 'mediaChunks'))];
    for (const blob of media) this.#sentMedia.add(asObject(blob));
    if (media.some(asObject)) this.#startedAt ??= message.at;
    const text = asString(input.text);
    if (text !== undefined) this.addContents({ role: 'user', parts: [{ text }] }, message);
  }

  addAnswer(content: JsonObject, at: number): void {
    this.#spoken += this.#budget.take(asString(asObject(content.inputTranscription)?.text) ?? '');
    const transcript = asString(asObject(content.outputTranscription)?.text);
    const parts = asObjects(asObject(content.modelTurn)?.parts);
    if (transcript !== undefined) parts.push({ text: transcript });
    this.#push(parts, at);
    const { groundingMetadata } = content;
    if (groundingMetadata) this.#answer.push({ data: { candidates: [{ groundingMetadata }] } });
    if (content.interrupted === true) this.#finishReason = 'INTERRUPTED';
    if (content.turnComplete === true) this.#finishReason ??= asString(content.turnCompleteReason) ?? 'STOP';
  }

  addToolCalls(calls: Json | undefined, at: number): void {
    this.#push(
      asObjects(calls).map((functionCall) => ({ functionCall })),
      at,
    );
    this.#finishReason = 'TOOL_CALL';
  }

  toTurn(): Turn {
    const endedAt = this.endedAt ?? 0;
    return {
      operation: googleGenerateContent.operation,
      startedAt: this.#startedAt ?? this.#firstChunkAt ?? endedAt,
      ...defined({ firstChunkAt: this.#firstChunkAt, asked: this.#asked }),
      endedAt,
      request: this.#request(),
      response: this.#response(),
      isComplete: this.#finishReason !== undefined,
    };
  }

  /** The message that asked last is the one that is answered. */
  #ask(message: SessionMessage): void {
    this.#asked = message;
    this.#startedAt = message.at;
  }

  #push(parts: JsonObject[], at: number): void {
    if (parts.length === 0) return;
    this.#firstChunkAt ??= at;
    const kept = parts.filter((part) => !this.#answeredMedia.add(asObject(part.inlineData)));
    if (kept.length > 0) this.#answer.push({ data: { candidates: [{ content: { role: 'model', parts: kept } }] } });
  }

  #request(): RequestReading {
    const spoken = this.#spoken === '' ? [] : [{ role: 'user', parts: [{ text: this.#spoken }] }];
    const request = googleGenerateContent.readRequest(
      { ...this.#setup, contents: [...this.#contents, ...spoken] },
      FACTS,
    );
    const media = this.#sentMedia.parts();
    return {
      ...request,
      ...(media.length > 0 && { input: [...(request.input ?? []), { role: 'user', parts: media }] }),
      parameters: { ...request.parameters, stream: true },
    };
  }

  #response(): ResponseReading {
    const { output = [], ...response } = googleGenerateContent.readResponse(this.#answer.body() ?? {}, FACTS);
    const [message = { role: 'assistant', parts: [] }] = output;
    const parts = [...message.parts, ...this.#answeredMedia.parts()];
    const finishReason = this.#finishReason;
    return {
      ...response,
      ...(parts.length > 0 && { output: [{ ...message, parts, ...defined({ finish_reason: finishReason }) }] }),
      ...(finishReason !== undefined && { finishReasons: [finishReason] }),
      ...readUsageObject('google.live', this.usage),
    };
  }
}

/** Sizes of media that come in pieces, by type. */
class MediaSizes {
  readonly #bytes = new Map<string, number>();

  /** Whether the blob is one. */
  add(blob: JsonObject | undefined): boolean {
    const data = asString(blob?.data);
    if (!blob || data === undefined) return false;
    const type = asString(field(blob, 'mimeType')) ?? 'audio/pcm';
    this.#bytes.set(type, (this.#bytes.get(type) ?? 0) + base64Bytes(data));
    return true;
  }

  parts(): MessagePart[] {
    return [...this.#bytes].map(([type, bytes]) => {
      const [name = type, rate] = type.split(/;\s*rate=/);
      return streamedPart(bytes, { name, ...(rate !== undefined && { rate: Number(rate) }) });
    });
  }
}
