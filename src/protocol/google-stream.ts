import type { Json, JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asObjects, asString } from '../util/json-read.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import { withoutData } from './google-content.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';

/**
 * Puts the chunks of `streamGenerateContent` together, each of which is a response with some more of the content. Counts
 * are running totals: the last ones hold.
 */
export class GenerateContentAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  readonly #body: JsonObject = {};
  readonly #candidates = new Map<number, JsonObject>();

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  get complete(): boolean {
    if (this.#body.error ?? asObject(this.#body.promptFeedback)?.blockReason) return true;
    const candidates = [...this.#candidates.values()];
    return candidates.length > 0 && candidates.every((candidate) => Boolean(candidate.finishReason));
  }

  push({ data: { candidates, usageMetadata, ...meta } }: StreamEvent): void {
    Object.assign(this.#body, meta);
    const usage = asObject(usageMetadata);
    if (usage) this.#body.usageMetadata = this.#latest(usage);
    for (const candidate of asObjects(candidates)) this.#pushCandidate(candidate);
  }

  body(): JsonObject | undefined {
    const candidates = inOrder(this.#candidates);
    if (candidates.length > 0) return { ...this.#body, candidates };
    return Object.keys(this.#body).length > 0 ? this.#body : undefined;
  }

  /** Vertex AI states only the traffic type until the end. */
  #latest(usage: JsonObject): JsonObject {
    const hasCounts = usage.promptTokenCount ?? usage.candidatesTokenCount ?? usage.totalTokenCount;
    return hasCounts === undefined ? { ...asObject(this.#body.usageMetadata), ...usage } : usage;
  }

  #pushCandidate({ content, groundingMetadata, ...meta }: JsonObject): void {
    const index = asCount(meta.index) ?? 0;
    const candidate: JsonObject = this.#candidates.get(index) ?? {};
    this.#candidates.set(index, Object.assign(candidate, meta));
    // What was searched for and what was found come with different chunks.
    if (groundingMetadata) Object.assign((candidate.groundingMetadata ??= {}) as JsonObject, groundingMetadata);
    const more = asObject(content);
    if (!more) return;
    const known = (candidate.content ??= { role: more.role ?? 'model', parts: [] }) as JsonObject;
    for (const part of asObjects(more.parts)) this.#pushPart(asArray(known.parts) ?? [], part);
  }

  /** Pieces of one text, or of one thought, become one part; other parts come whole. */
  #pushPart(parts: Json[], part: JsonObject): void {
    const text = asString(part.text);
    const last = asObject(parts.at(-1));
    if (text === undefined) parts.push(this.#budget.takeAll(withoutBytes(part)));
    else if (last && typeof last.text === 'string' && Boolean(last.thought) === Boolean(part.thought))
      last.text += this.#budget.take(text);
    else parts.push({ text: this.#budget.take(text), ...(part.thought === true && { thought: true }) });
  }
}

/** A part as it is worth keeping: without its signature and the bytes of media. */
function withoutBytes({ thoughtSignature: _opaque, inlineData, ...part }: JsonObject): JsonObject {
  const media = asObject(inlineData);
  return media ? { ...part, inlineData: withoutData(media) } : part;
}
