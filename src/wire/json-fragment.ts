import type { JsonObject } from '../model/json.ts';
import { asObject, parseJson } from '../util/json-read.ts';

/** Usage objects are far below this length. */
const MAX_OBJECT_LENGTH = 64 * 1024;
/** Characters in which a model is looked for. */
const HEAD_LENGTH = 64 * 1024;

/**
 * The object that follows the last `"key":` in the kept end of a JSON text that was too long to keep whole. A key inside
 * a JSON string does not count. Linear: objects that do not end are tried until as many characters were scanned as there are.
 */
export function lastObjectOf(text: string, key: string): JsonObject | undefined {
  const name = JSON.stringify(key);
  let scannable = text.length;
  for (let at = text.lastIndexOf(name); at !== -1 && scannable > 0; at = at > 0 ? text.lastIndexOf(name, at - 1) : -1) {
    if (text[at - 1] === '\\') continue;
    const start = objectStart(text, at + name.length);
    if (start === undefined) continue;
    const limit = Math.min(text.length, start + Math.min(scannable, MAX_OBJECT_LENGTH));
    const end = objectEnd(text, start, limit);
    if (end !== undefined) return asObject(parseJson(text.slice(start, end)));
    scannable -= limit - start;
  }
  return undefined;
}

/** The first `"model"` in the kept beginning of a JSON text that was too long to keep or to read whole. */
export function modelAtHead(text: string): string | undefined {
  return /"model"\s*:\s*"([^"]{1,256})"/.exec(text.slice(0, HEAD_LENGTH))?.[1];
}

/** Where the object begins that is the value of the key before `at`. */
function objectStart(text: string, at: number): number | undefined {
  OBJECT_AFTER_COLON.lastIndex = at;
  return OBJECT_AFTER_COLON.test(text) ? OBJECT_AFTER_COLON.lastIndex - 1 : undefined;
}

const OBJECT_AFTER_COLON = /[ \t\r\n]{0,64}:[ \t\r\n]{0,64}\{/y;

/** The index after the brace that closes the object at `start`. */
function objectEnd(text: string, start: number, limit: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = start; index < limit; index++) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth++;
    else if (character === '}' && --depth === 0) return index + 1;
  }
  return undefined;
}
