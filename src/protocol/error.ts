import type { Json, JsonObject } from '../model/json.ts';
import type { CallError } from '../model/llm-call.ts';
import { asObject, asString, defined } from '../util/json-read.ts';

/** The value of `error.type` for an error that does not say what it is. */
const OTHER_ERROR = '_OTHER';

/** Reads the body of a response with an error status: the provider's own words, else the status. */
export function readErrorBody(body: JsonObject | undefined, status: number): CallError {
  const type = String(status);
  return { type, ...readErrorObject(body?.error ?? body, type), status };
}

/**
 * Reads an error object as OpenAI (`type`, `code`, `message`), Anthropic (`type`, `message`) and the servers that copy
 * them (`message`, `detail`, only a text, ...) state it; `undefined` if it names no error.
 */
export function readErrorObject(value: Json | undefined, unnamed: string = OTHER_ERROR): CallError | undefined {
  if (typeof value === 'string') return { type: unnamed, message: value };
  const error = asObject(value);
  if (!error) return undefined;
  // Google's `code` is the HTTP status, and `status` its name.
  const type = firstText(error.type, asString(error.code), asString(error.status), error.code);
  const message = asString(error.message) ?? asString(error.detail);
  if (type === undefined && message === undefined) return undefined;
  return { type: type ?? unnamed, ...defined({ message }) };
}

function firstText(...values: unknown[]): string | undefined {
  const found = values.find((value) => (typeof value === 'string' && value !== '') || typeof value === 'number');
  return found === undefined ? undefined : String(found);
}
