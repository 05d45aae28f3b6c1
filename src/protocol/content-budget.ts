import type { Json } from '../model/json.ts';

/** Stands where content was cut. */
export const CUT_MARKER = '… [cut]';

/** Strings at most this long are names and kinds, which a reader needs whole. */
const NAME_LENGTH = 64;

/** Bounds the content that a stream assembler keeps over a whole response. */
export class ContentBudget {
  #left: number;
  #marked = false;

  constructor(maxLength: number) {
    this.#left = maxLength;
  }

  /** As much of the text as still fits; the first text that does not fit ends in the marker, later ones are empty. */
  take(text: string): string {
    if (text.length <= this.#left) {
      this.#left -= text.length;
      return text;
    }
    const kept = text.slice(0, this.#left);
    this.#left = 0;
    if (this.#marked) return kept;
    this.#marked = true;
    return kept + CUT_MARKER;
  }

  /** The value with its long strings taken one after the other. */
  takeAll<T extends Json>(value: T): T {
    return this.#takeAll(value) as T;
  }

  #takeAll(value: Json): Json {
    if (typeof value === 'string') return value.length <= NAME_LENGTH ? value : this.take(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#takeAll(item));
    const result: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) if (item !== undefined) result[key] = this.#takeAll(item);
    return result;
  }
}

/** The pieces of a stream in the order of their indexes, in which they need not arrive. */
export function inOrder<T>(pieces: ReadonlyMap<number, T>): T[] {
  return [...pieces.entries()].toSorted(([a], [b]) => a - b).map(([, piece]) => piece);
}
