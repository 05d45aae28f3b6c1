import type { Json, JsonObject } from '../model/json.ts';
import { asArray, asCount, asObject, asString } from '../util/json-read.ts';
import { exceptionOf } from './bedrock.ts';
import { ContentBudget, inOrder } from './content-budget.ts';
import type { StreamAssembler, StreamEvent } from './protocol.ts';
import { parseArguments } from './reading.ts';

/**
 * Puts the events of ConverseStream together, and those of Nova models, which are the same.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export class ConverseStreamAssembler implements StreamAssembler {
  /** Usage comes after the stop reason. */
  complete = false;

  readonly #budget: ContentBudget;
  readonly #body: JsonObject = {};
  #message: JsonObject | undefined;
  readonly #blocks = new Map<number, JsonObject>();
  /** Arguments of tool calls, which arrive as pieces of JSON text. */
  readonly #inputs = new Map<number, string>();

  constructor(maxTextLength: number) {
    this.#budget = new ContentBudget(maxTextLength);
  }

  push({ event, data }: StreamEvent): void {
    switch (event) {
      case 'messageStart':
        this.#message = { role: data.role };
        break;
      case 'contentBlockStart':
        this.#blocks.set(indexOf(data), this.#budget.takeAll(asObject(data.start) ?? {}));
        break;
      case 'contentBlockDelta':
        this.#extend(indexOf(data), asObject(data.delta) ?? {});
        break;
      case 'contentBlockStop':
        break;
      case 'messageStop':
        this.#body.stopReason = data.stopReason;
        break;
      case 'metadata':
        for (const field of METADATA) if (data[field] !== undefined) this.#body[field] = data[field];
        this.complete = true;
        break;
      default:
        this.#fail(exceptionOf(event, data));
    }
  }

  body(): JsonObject | undefined {
    if (this.#blocks.size > 0) this.#message ??= {};
    if (!this.#message) return Object.keys(this.#body).length > 0 ? this.#body : undefined;
    for (const [index, input] of this.#inputs) {
      const call = asObject(this.#blocks.get(index)?.toolUse);
      if (call) call.input = parseArguments(input);
    }
    return { ...this.#body, output: { message: { ...this.#message, content: inOrder(this.#blocks) } } };
  }

  #extend(index: number, delta: JsonObject): void {
    const block = this.#blocks.get(index) ?? {};
    this.#blocks.set(index, block);
    const [name = '', value = null] = Object.entries(delta).find(([, item]) => item !== undefined) ?? [];
    const extend = Object.hasOwn(DELTAS, name) ? DELTAS[name] : undefined;
    if (extend) extend(block, value, this.#budget);
    else if (name === 'toolUse') this.#extendInput(index, block, asString(asObject(value)?.input) ?? '');
    else if (name !== '') block[name] ??= this.#budget.takeAll(value);
  }

  #extendInput(index: number, block: JsonObject, input: string): void {
    block.toolUse ??= {};
    this.#inputs.set(index, (this.#inputs.get(index) ?? '') + this.#budget.take(input));
  }

  #fail(error: JsonObject | undefined): void {
    if (!error) return;
    this.#body.error = error;
    this.complete = true;
  }
}

/** What `metadata` and a response that is not streamed both have. */
const METADATA = ['usage', 'metrics', 'trace', 'performanceConfig', 'serviceTier'] as const;

/** How a delta extends its block, by the name of the delta's only field. */
const DELTAS: Readonly<Record<string, (block: JsonObject, value: Json, budget: ContentBudget) => void>> = {
  text: (block, value, budget) => append(block, 'text', value, budget),
  reasoningContent(block, value, budget) {
    const { text, redactedContent } = asObject(value) ?? {};
    const reasoning = (block.reasoningContent ??= {}) as JsonObject;
    // A signature vouches for the text to the model: nothing to read.
    if (text !== undefined) append((reasoning.reasoningText ??= {}) as JsonObject, 'text', text, budget);
    if (redactedContent !== undefined) reasoning.redactedContent = '';
  },
  // What a tool that ran at Bedrock has answered: parts of its content.
  toolResult(block, value, budget) {
    const result = (block.toolResult ??= {}) as JsonObject;
    result.content = [...(asArray(result.content) ?? []), ...budget.takeAll(asArray(value) ?? [])];
  },
  // Citations stand beside the text they are of.
  citation() {},
};

function append(target: JsonObject, field: string, value: Json, budget: ContentBudget): void {
  target[field] = (asString(target[field]) ?? '') + budget.take(asString(value) ?? '');
}

function indexOf(data: JsonObject): number {
  return asCount(data.contentBlockIndex) ?? 0;
}
