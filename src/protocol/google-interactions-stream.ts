import type { Json, JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asString } from '../util/json-read.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import { withoutData } from './google-content.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';
import { parseArguments } from './reading.ts';

/** States in which an interaction goes on. */
const RUNNING: ReadonlySet<unknown> = new Set([undefined, 'in_progress', 'queued']);

/**
 * Puts the events of an interaction together: steps begin, grow by deltas and stop, and the last event has the counts.
 * Until then they are running totals beside the deltas.
 */
export class InteractionAssembler implements StreamAssembler {
  readonly #budget: ContentBudget;
  #interaction: JsonObject | undefined;
  readonly #steps = new Map<number, JsonObject>();
  /** Arguments of function calls, which arrive as pieces of JSON text. */
  readonly #arguments = new Map<number, string>();

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  get complete(): boolean {
    return Boolean(this.#interaction?.error) || !RUNNING.has(this.#interaction?.status);
  }

  push({ data }: StreamEvent): void {
    const interaction = asObject(data.interaction);
    const usage = asObject(asObject(data.metadata)?.total_usage) ?? asObject(asObject(data.metadata)?.usage);
    if (usage) this.#assign({ usage });
    if (interaction) this.#assign(interaction);
    if (data.error) this.#assign({ error: data.error });
    const index = asCount(data.index) ?? 0;
    const begun = asObject(data.step) ?? asObject(data.content);
    const delta = asObject(data.delta);
    if (begun) this.#steps.set(index, this.#budget.takeAll(begun));
    else if (delta) this.#extend(index, delta);
  }

  body(): JsonObject | undefined {
    if (!this.#interaction && this.#steps.size === 0) return undefined;
    for (const [index, text] of this.#arguments) {
      const step = this.#steps.get(index);
      if (step) step.arguments = parseArguments(text) ?? step.arguments;
    }
    return this.#steps.size > 0 ? { ...this.#interaction, steps: inOrder(this.#steps) } : this.#interaction;
  }

  #assign(fields: JsonObject): void {
    this.#interaction = { ...this.#interaction, ...fields };
  }

  #extend(index: number, delta: JsonObject): void {
    const step = this.#steps.get(index) ?? {};
    this.#steps.set(index, step);
    switch (delta.type) {
      case 'thought_signature':
        break;
      case 'thought_summary':
        appendContent(listOf(step, 'summary'), this.#budget.takeAll(asObject(delta.content) ?? {}));
        break;
      case 'arguments_delta':
        this.#arguments.set(
          index,
          (this.#arguments.get(index) ?? '') + this.#budget.take(asString(delta.arguments) ?? ''),
        );
        break;
      default:
        this.#extendContent(step, delta);
    }
  }

  /** Says more of what the model says, or tells what a tool was asked or answered. */
  #extendContent(step: JsonObject, delta: JsonObject): void {
    const isText = typeof delta.text === 'string';
    const kept = isText
      ? { ...delta, text: this.#budget.take(String(delta.text)) }
      : this.#budget.takeAll(withoutData(delta));
    if (step.type === 'model_output') appendContent(listOf(step, 'content'), kept);
    else if (isText) Object.assign(step, { type: delta.type, text: (asString(step.text) ?? '') + kept.text });
    else Object.assign(step, kept);
  }
}

function listOf(step: JsonObject, name: 'content' | 'summary'): Json[] {
  const list = asArray(step[name]) ?? [];
  step[name] = list;
  return list;
}

/** Pieces of one text become one content. */
function appendContent(list: Json[], content: JsonObject): void {
  const last = asObject(list.at(-1));
  if (last && typeof last.text === 'string' && typeof content.text === 'string') last.text += content.text;
  else list.push({ ...content });
}
