import type { FramedEvent, FrameParser } from './framing.ts';

/** Characters of one line kept; a longer one is dropped. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

/**
 * Incremental parser of newline-delimited JSON. A last line without its newline counts, because a cut stream may end in
 * the one that carries the usage.
 * @see https://github.com/ndjson/ndjson-spec
 */
export class NdjsonParser implements FrameParser {
  readonly #decoder = new TextDecoder();
  #line = '';
  #tooLong = false;

  push(chunk: Uint8Array): FramedEvent[] {
    return this.#parse(this.#decoder.decode(chunk, { stream: true }));
  }

  end(): FramedEvent[] {
    return this.#parse(`${this.#decoder.decode()}\n`);
  }

  #parse(text: string): FramedEvent[] {
    const [first = '', ...rest] = text.split('\n');
    this.#extend(first);
    const events: FramedEvent[] = [];
    for (const beginning of rest) {
      if (!this.#tooLong && this.#line.trim() !== '') events.push({ data: this.#line });
      this.#line = '';
      this.#tooLong = false;
      this.#extend(beginning);
    }
    return events;
  }

  #extend(text: string): void {
    if (this.#line.length + text.length > MAX_LINE_LENGTH) this.#tooLong = true;
    else this.#line += text;
  }
}
