/** What the readers of several protocols share. */
import type { Json, JsonObject } from '../model/json.ts';
import type { Message, MessagePart } from '../model/message.ts';
import type { ReportedUsage } from '../model/reported-usage.ts';
import { readUsage } from '../provider-usage/formats.ts';
import { asArray, asObject, asString, parseJson } from '../util/json-read.ts';
import { withoutMedia } from '../util/media.ts';
import type { ResponseReading } from './protocol.ts';

/**
 * The usage of a response together with the object it was read from.
 * @param facts what billing needs and the response states outside its usage object
 */
export function readUsageObject(
  format: string,
  value: Json | undefined,
  facts: Partial<ReportedUsage> = {},
): Pick<ResponseReading, 'usage' | 'rawUsage'> {
  const body = asObject(value);
  const usage = body && readUsage({ format, body });
  return usage ? { usage: Object.assign(usage, facts), rawUsage: { format, body } } : {};
}

/** The parameters a protocol shows under the provider's own names; `undefined` if the request has none of them. */
export function pickParameters(body: JsonObject, names: readonly string[]): Record<string, Json> | undefined {
  const found: Record<string, Json> = {};
  for (const name of names) {
    const value = body[name];
    if (value !== undefined && value !== null) found[name] = value;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** `gen_ai.output.type` of a response format: `json_object` and `json_schema` are both JSON. */
export function readOutputType(format: unknown): string | undefined {
  const type = asString(asObject(format)?.type);
  return type?.startsWith('json') ? 'json' : type;
}

/** Text as parts: nothing for no text. */
export function textParts(text: unknown, type: 'text' | 'reasoning' | 'refusal' = 'text'): MessagePart[] {
  return typeof text === 'string' && text !== '' ? [{ type, content: text }] : [];
}

/** What no reader knows, without inline media. */
export function otherPart(value: Json): MessagePart {
  return { type: 'other', content: withoutMedia(value) };
}

/** Arguments of a tool call: models write JSON as text, and not always valid JSON. No text is no arguments. */
export function parseArguments(value: Json | undefined): Json | undefined {
  const text = asString(value);
  if (text === undefined) return value;
  return text.trim() === '' ? undefined : (parseJson(text) ?? text);
}

/** What a tool answered: its text where it is nothing but text, else the parts without media. */
export function readToolResponse(content: Json | undefined): Json {
  const texts = asArray(content)?.map((part) => asString(asObject(part)?.text));
  return texts?.every((text) => text !== undefined) ? texts.join('') : withoutMedia(content ?? null);
}

/** Puts neighbouring messages of one role together: some protocols make every tool call an item of its own. */
export function mergeByRole(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last && last.role === message.role && last.name === message.name) last.parts.push(...message.parts);
    else merged.push({ ...message, parts: [...message.parts] });
  }
  return merged;
}
