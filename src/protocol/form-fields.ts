/** Requests that are a form or JSON: a form has all its values as text, and files as descriptions. */
import type { JsonObject } from '../model/json.ts';
import type { MessagePart, Modality } from '../model/message.ts';
import { asArray, asBoolean, asCount, asNumber, asObject, asString, defined } from '../util/json-read.ts';
import { filePart, uriPart } from '../util/media.ts';

export function formNumber(value: unknown): number | undefined {
  return asNumber(value) ?? asNumber(asString(value)?.trim() ? Number(value) : undefined);
}

export function formBoolean(value: unknown): boolean | undefined {
  return asBoolean(value) ?? (value === 'true' ? true : value === 'false' ? false : undefined);
}

/** The files of a field, or the references to files that JSON has instead. */
export function formFiles(value: unknown, modality: Modality): MessagePart[] {
  return (asArray(value) ?? [value]).flatMap((file) => {
    const address = asString(file) ?? addressOf(asObject(file));
    if (address !== undefined) return [uriPart(modality, address)];
    const described = asObject(file);
    if (!described) return [];
    const id = asString(described.file_id);
    if (id !== undefined) return [{ type: 'file', modality, file_id: id }];
    return [filePart(modality, defined({ mime_type: asString(described.mime_type), bytes: asCount(described.bytes) }))];
  });
}

function addressOf(file: JsonObject | undefined): string | undefined {
  return asString(file?.image_url) ?? asString(file?.url);
}
