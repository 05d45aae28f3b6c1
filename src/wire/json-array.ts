import type { FramedEvent, FrameParser } from './framing.ts';

/** Characters of one element kept; a longer one is dropped. */
const MAX_ELEMENT_LENGTH = 16 * 1024 * 1024;

/** Where nesting or a string begins or ends. */
const STRUCTURE = /["\\{}[\]]/g;

/**
 * Incremental parser of one JSON array, which some APIs send element by element instead of events. Gives the objects in
 * it as they are complete, so that an array that was cut still reads as far as it came.
 */
export class JsonArrayParser implements FrameParser {
  readonly #decoder = new TextDecoder();
  /** The beginning of an element whose end has not arrived. */
  #element = '';
  #tooLong = false;
  /** 0 outside of the array, 1 between its elements. */
  #depth = 0;
  #inString = false;
  #afterBackslash = false;

  push(chunk: Uint8Array): FramedEvent[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    if (text === '') return [];
    const events: FramedEvent[] = [];
    // Where the element goes on, or the next one may begin.
    let start = 0;
    let position = this.#afterBackslash ? 1 : 0;
    this.#afterBackslash = false;
    for (;;) {
      STRUCTURE.lastIndex = position;
      const index = STRUCTURE.test(text) ? STRUCTURE.lastIndex - 1 : -1;
      if (index === -1) break;
      const character = text[index];
      position = index + 1;
      if (this.#inString) {
        if (character === '"') this.#inString = false;
        else if (character === '\\') {
          this.#afterBackslash = position === text.length;
          position++;
        }
      } else if (character === '"') this.#inString = true;
      else if (character === '{' || character === '[') {
        this.#depth++;
        if (character === '{' && this.#depth === 2) {
          start = index;
          this.#element = '';
          this.#tooLong = false;
        }
      } else if (--this.#depth === 1 && character === '}') {
        this.#keep(text.slice(start, position));
        if (!this.#tooLong) events.push({ data: this.#element });
      }
    }
    if (this.#depth > 1) this.#keep(text.slice(start));
    return events;
  }

  end(): FramedEvent[] {
    return [];
  }

  #keep(text: string): void {
    if (this.#element.length + text.length > MAX_ELEMENT_LENGTH) this.#tooLong = true;
    else this.#element += text;
  }
}
