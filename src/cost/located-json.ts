import type { Json, JsonObject } from '../model/json.ts';

/** What is wrong in a JSON text, and where. */
export class JsonProblem extends Error {
  override readonly name = 'JsonProblem';
  /** From 1. */
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** A JSON value whose parts know their lines, which `JSON.parse` cannot tell. */
export interface LocatedJson {
  value: Json;
  /** The line of a member of an object or array in {@link LocatedJson.value}, from 1. */
  lineOf(parent: object, key: string | number): number;
}

/** Deeper than anything that makes sense, and shallower than the stack. */
const MAX_DEPTH = 100;

/** @throws {JsonProblem} at the line where the text is no JSON. */
export function parseLocated(text: string): LocatedJson {
  const reader = new Reader(text.replace(/^\uFEFF/, ''));
  const value = reader.readAll();
  return { value, lineOf: (parent, key) => reader.lines.get(parent)?.get(String(key)) ?? 1 };
}

const STRING = /"(?:[^"\\\n]|\\.)*"/y;
const SCALAR = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

class Reader {
  readonly lines = new WeakMap<object, Map<string, number>>();
  readonly #text: string;
  #at = 0;
  #counted = 0;
  #lineNumber = 1;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Json {
    const value = this.#value(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#problem('there is more after the end of the value');
    return value;
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) throw this.#problem('too deeply nested');
    this.#skipSpace();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    const token = this.#take(first === '"' ? STRING : SCALAR);
    if (token === undefined)
      throw this.#problem(first === undefined ? 'the text ends too early' : `unexpected ${first}`);
    return this.#parse(token);
  }

  #object(depth: number): JsonObject {
    const object: JsonObject = {};
    const lines = new Map<string, number>();
    this.lines.set(object, lines);
    this.#list('}', () => {
      const line = this.#line();
      const token = this.#take(STRING);
      if (token === undefined) throw this.#problem('a name in double quotes is expected');
      const key = String(this.#parse(token));
      this.#expect(':');
      if (lines.has(key)) throw new JsonProblem(`${JSON.stringify(key)} is there twice`, line);
      lines.set(key, line);
      // Defined, not assigned: a key may be `__proto__`.
      Object.defineProperty(object, key, { value: this.#value(depth + 1), enumerable: true });
    });
    return object;
  }

  #array(depth: number): Json[] {
    const array: Json[] = [];
    const lines = new Map<string, number>();
    this.lines.set(array, lines);
    this.#list(']', () => {
      lines.set(String(array.length), this.#line());
      array.push(this.#value(depth + 1));
    });
    return array;
  }

  #list(end: string, readItem: () => void): void {
    this.#at += 1;
    this.#skipSpace();
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skipSpace();
      readItem();
      this.#skipSpace();
      const mark = this.#text[this.#at];
      if (mark !== ',' && mark !== end) throw this.#problem(`a comma or ${end} is expected`);
      this.#at += 1;
      if (mark === end) return;
    }
  }

  #expect(mark: string): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== mark) throw this.#problem(`${mark} is expected`);
    this.#at += 1;
  }

  #skipSpace(): void {
    this.#take(SPACE);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0];
    if (token !== undefined) this.#at += token.length;
    return token;
  }

  #parse(token: string): Json {
    try {
      return JSON.parse(token) as Json;
    } catch {
      throw this.#problem(`${token.slice(0, 40)} is no JSON`);
    }
  }

  /** The reader only moves on, so that each line break is counted once. */
  #line(): number {
    for (;;) {
      const next = this.#text.indexOf('\n', this.#counted);
      if (next < 0 || next >= this.#at) return this.#lineNumber;
      this.#lineNumber += 1;
      this.#counted = next + 1;
    }
  }

  #problem(message: string): JsonProblem {
    return new JsonProblem(message, this.#line());
  }
}
