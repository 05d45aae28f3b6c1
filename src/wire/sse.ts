/** One dispatched server-sent event. */
export interface SseEvent {
  event?: string;
  data: string;
}

/** Characters of one event kept by default. The longest we know carry a whole response with inline media. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

/**
 * Incremental parser of `text/event-stream`: any split into chunks gives the same events. Differs from the standard in
 * two points: an event that the end of the stream leaves without its blank line is dispatched too, because a cut stream
 * may end in the one that carries the usage; and a JSON object on lines without a field name is data, because Google
 * reports an error in the middle of a stream so.
 *
 * Holds at most one event. One longer than `maxEventLength` is dropped and counted in {@link SseParser.dropped}.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseParser {
  /** Events that were too long to keep. */
  dropped = 0;

  readonly #maxEventLength: number;
  /** Drops a byte order mark and joins characters split between chunks. */
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end has not arrived. */
  #line = '';
  /** The last chunk ended in CR: an LF that follows belongs to it. */
  #afterCarriageReturn = false;
  #event: string | undefined;
  #data: string | undefined;
  /** The lines until the next blank one are those of a JSON object. */
  #isJson = false;
  #tooLong = false;

  constructor(maxEventLength: number = MAX_EVENT_LENGTH) {
    this.#maxEventLength = maxEventLength;
  }

  /** The events that this chunk completes. */
  push(chunk: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    this.#parse(this.#decoder.decode(chunk, { stream: true }), events);
    return events;
  }

  /** The event that the end of the stream completes, if any. */
  end(): SseEvent[] {
    const events: SseEvent[] = [];
    this.#parse(`${this.#decoder.decode()}\n\n`, events);
    return events;
  }

  #parse(text: string, events: SseEvent[]): void {
    if (text === '') return;
    let start = this.#afterCarriageReturn && text.startsWith('\n') ? 1 : 0;
    this.#afterCarriageReturn = text.endsWith('\r');
    // Hardly any server ends lines with CR, so it is looked for once, not once a line.
    let carriageReturn = text.indexOf('\r', start);
    for (;;) {
      let end = text.indexOf('\n', start);
      let next = end + 1;
      if (carriageReturn !== -1 && (end === -1 || carriageReturn < end)) {
        next = end === carriageReturn + 1 ? end + 1 : carriageReturn + 1;
        end = carriageReturn;
        carriageReturn = text.indexOf('\r', next);
      }
      if (end === -1) break;
      this.#readLine(this.#line + text.slice(start, end), events);
      this.#line = '';
      start = next;
    }
    this.#keepLine(text.slice(start));
  }

  #keepLine(text: string): void {
    if (this.#line.length + text.length <= this.#maxEventLength) this.#line += text;
    else [this.#line, this.#tooLong] = ['', true];
  }

  #readLine(line: string, events: SseEvent[]): void {
    if (line === '') return this.#dispatch(events);
    if (line.startsWith('data')) {
      const value = fieldValue(line, 4);
      if (value !== undefined) this.#addData(value);
    } else if (line.startsWith('event')) {
      this.#event = fieldValue(line, 5) ?? this.#event;
    } else if (this.#isJson || (this.#data === undefined && line.startsWith('{'))) {
      this.#isJson = true;
      this.#addData(line);
    }
  }

  #addData(value: string): void {
    const length = (this.#data?.length ?? 0) + value.length;
    if (length > this.#maxEventLength) this.#tooLong = true;
    else this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #dispatch(events: SseEvent[]): void {
    if (this.#tooLong) this.dropped++;
    else if (this.#data !== undefined) {
      events.push(this.#event ? { event: this.#event, data: this.#data } : { data: this.#data });
    }
    this.#event = undefined;
    this.#data = undefined;
    this.#isJson = false;
    this.#tooLong = false;
  }
}

/** The value of a line whose field name has `nameLength` characters; `undefined` if the name goes on. */
function fieldValue(line: string, nameLength: number): string | undefined {
  if (line.length === nameLength) return '';
  if (line.charCodeAt(nameLength) !== COLON) return undefined;
  return line.slice(line.charCodeAt(nameLength + 1) === SPACE ? nameLength + 2 : nameLength + 1);
}

const COLON = 0x3a;
const SPACE = 0x20;
