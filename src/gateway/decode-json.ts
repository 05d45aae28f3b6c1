import type { JsonObject } from '../model/json.ts';
import { asArray, asNumber, asObject, asString, parseJson } from '../util/json-read.ts';
import {
  type Decoded,
  type FieldType,
  MalformedBodyError,
  MAX_DEPTH,
  MAX_MESSAGES,
  type Message,
  setAttribute,
  toHrTime,
  toInteger,
} from './otlp-schema.ts';

/**
 * Reads a message of {@link Message} from OTLP's JSON: ids in hexadecimal (or in base64, as plain protobuf JSON has
 * them), 64-bit integers as text or number. A field of the wrong type reads as absent.
 * @throws {MalformedBodyError} if the body is no JSON object, or one that is too deep or has too many parts.
 * @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function decodeJson<M extends Message>(body: Buffer, message: M): Decoded<M> {
  return readMessage(parseJsonObject(body), message) as Decoded<M>;
}

/** @throws {MalformedBodyError} if the body is no JSON object, or one that is too deep or has too many parts. */
export function parseJsonObject(body: Buffer): JsonObject {
  checkStructure(body);
  const json = asObject(parseJson(body.toString()));
  if (!json) throw new MalformedBodyError('the body is no JSON object');
  return json;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}');

/** Looks at the brackets before anything is built of them: a list takes two bytes here and many in memory. */
function checkStructure(body: Buffer): void {
  let depth = 0;
  let structures = 0;
  let inText = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inText) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      // A message is an object, and each list of messages one more.
      if (++depth > 2 * MAX_DEPTH) throw new MalformedBodyError(`objects are nested deeper than ${2 * MAX_DEPTH}`);
      if (++structures > MAX_MESSAGES) throw new MalformedBodyError(`more than ${MAX_MESSAGES} objects and lists`);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
  }
}

const PLAIN: Readonly<Record<FieldType & string, (value: unknown) => unknown>> = {
  text: asString,
  id: readId,
  time: (value) => mapDefined(readInt64(value), toHrTime),
  integer: asNumber,
  bits: asNumber,
  attributes: readAttributes,
  value: readAnyValue,
};

function readMessage(json: object, message: Message): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const name in message) {
    const field = message[name];
    const given = (json as Record<string, unknown>)[name];
    if (!field || given === undefined || given === null) continue;
    const value = readField(given, field[1]);
    if (value !== undefined) decoded[name] = value;
  }
  return decoded;
}

function readField(given: unknown, type: FieldType): unknown {
  if (typeof type === 'string') return PLAIN[type](given);
  if (!Array.isArray(type)) return mapDefined(asObject(given), (json) => readMessage(json, type as Message));
  const [item] = type as readonly [Message];
  // What is no object stays a message without fields: whoever sent it is told which one it was.
  return asArray(given)?.map((json) => readMessage(asObject(json) ?? {}, item));
}

const HEX = /^[0-9a-f]*$/i;
const BASE64_IDS: ReadonlySet<number> = new Set([12, 24]);

/** Eight or sixteen bytes are 16 or 32 hexadecimal digits, 12 or 24 characters of base64. */
function readId(value: unknown): string | undefined {
  const text = asString(value);
  if (text === undefined || !BASE64_IDS.has(text.length))
    return text !== undefined && HEX.test(text) ? text.toLowerCase() : text;
  return Buffer.from(text, 'base64').toString('hex');
}

function readInt64(value: unknown): bigint | undefined {
  if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

function readAttributes(value: unknown): Record<string, unknown> | undefined {
  const pairs = asArray(value);
  if (!pairs) return undefined;
  const attributes: Record<string, unknown> = {};
  for (const pair of pairs) {
    const fields = asObject(pair);
    const key = asString(fields?.['key']);
    if (key !== undefined) setAttribute(attributes, key, readAnyValue(fields?.['value']));
  }
  return attributes;
}

type ReadValue = (value: unknown) => unknown;

/** `doubleValue` may be the text `NaN` or `Infinity`, as JSON has no such numbers. */
const ANY_VALUE: Readonly<Record<string, ReadValue>> = {
  stringValue: asString,
  boolValue: (value) => (typeof value === 'boolean' ? value : undefined),
  intValue: (value) => asNumber(value) ?? mapDefined(readInt64(value), toInteger),
  doubleValue: (value) => (typeof value === 'number' || typeof value === 'string' ? Number(value) : undefined),
  arrayValue: (value) => (asArray(asObject(value)?.['values']) ?? []).map(readAnyValue),
  kvlistValue: (value) => readAttributes(asObject(value)?.['values']) ?? {},
  bytesValue: (value) => mapDefined(asString(value), (text) => Buffer.from(text, 'base64')),
};

function readAnyValue(value: unknown): unknown {
  const given = asObject(value);
  for (const variant in given) {
    const read = Object.hasOwn(ANY_VALUE, variant) ? ANY_VALUE[variant] : undefined;
    if (read) return read(given[variant]);
  }
  return undefined;
}

function mapDefined<T, R>(value: T | undefined, map: (value: T) => R): R | undefined {
  return value === undefined ? undefined : map(value);
}
