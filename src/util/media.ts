import type { Json } from '../model/json.ts';
import type { MessagePart, Modality } from '../model/message.ts';

const DATA_URL = /^data:([^;,]*)(?:;[^;,]*)*?(;base64)?,/;
/** Text that is base64 for this many characters without a space is media, not prose. */
const SUSPICIOUS_LENGTH = 512;
const BASE64_RUN = /^[A-Za-z0-9+/_=-]+$/;

/** What is recorded instead of inline media: `[image/png, 48213 bytes]`. */
function mediaPlaceholder(mimeType: string | undefined, bytes: number): string {
  return `[${mimeType ?? 'binary data'}, ${bytes} bytes]`;
}

/** The number of bytes that base64 text of `length` characters, `padding` of them `=`, stands for. */
function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - padding;
}

/** Inline media as a part without its bytes. `data` is base64. */
export function blobPart(modality: Modality, data: string, mimeType?: string): MessagePart {
  return {
    type: 'blob',
    modality,
    ...(mimeType !== undefined && { mime_type: mimeType }),
    content: mediaPlaceholder(mimeType, decodedLength(data)),
  };
}

/** Media at an address, which may be a data URL. */
export function uriPart(modality: Modality, uri: string): MessagePart {
  const header = DATA_URL.exec(uri);
  if (!header) return { type: 'uri', modality, uri };
  return blobPart(modality, uri.slice(header[0].length), header[1] || undefined);
}

/** A file that was sent or received beside JSON, without its bytes. `bytes` is its size, where it is known. */
export function filePart(modality: Modality, file: { mime_type?: string; bytes?: number }): MessagePart {
  const { mime_type: mimeType, bytes } = file;
  const content = bytes === undefined ? `[${mimeType ?? 'binary data'}]` : mediaPlaceholder(mimeType, bytes);
  return { type: 'blob', modality, ...(mimeType !== undefined && { mime_type: mimeType }), content };
}

/** Which kind of media a MIME type is. */
export function modalityOf(mimeType: string | undefined): Modality {
  const kind = mimeType?.split('/')[0];
  return kind === 'image' || kind === 'audio' || kind === 'video' || kind === 'text' ? kind : 'document';
}

/** The value with every string that is inline media or otherwise opaque base64 replaced by a placeholder. */
export function withoutMedia(value: Json): Json {
  if (typeof value === 'string') return textWithoutMedia(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutMedia);
  const result: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) result[key] = withoutMedia(item);
  return result;
}

function textWithoutMedia(text: string): string {
  const header = text.startsWith('data:') ? DATA_URL.exec(text.slice(0, 256)) : undefined;
  if (header?.[2]) return mediaPlaceholder(header[1] || undefined, decodedLength(text.slice(header[0].length)));
  if (text.length < SUSPICIOUS_LENGTH || !BASE64_RUN.test(text.slice(0, SUSPICIOUS_LENGTH))) return text;
  return mediaPlaceholder(undefined, decodedLength(text));
}
