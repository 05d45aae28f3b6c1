import type { Json } from '../model/json.ts';
import { parseJson } from '../util/json-read.ts';
import { MASKED } from './attributes.ts';

/** Replaces sensitive text. A mask that throws, or returns anything but text, masks everything. */
export type ContentMask = (text: string, where: { attribute: string }) => string;

/**
 * Content as the text of one attribute: JSON, masked, and then cut to about `maxLength` characters. It is masked first, so
 * that a cut never leaves half a secret that the mask no longer recognises.
 */
export function contentText(content: Json, attribute: string, maxLength: number, mask?: ContentMask): string {
  const text = JSON.stringify(content);
  if (!mask) return text.length <= maxLength ? text : cutJson(content, maxLength);
  const masked = applyMask(mask, text, attribute);
  if (masked.length <= maxLength) return masked;
  const parsed = parseJson(masked);
  return parsed === undefined ? cutText(masked, maxLength) : cutJson(parsed, maxLength);
}

/** The masked text, or {@link MASKED} if the mask fails. */
export function applyMask(mask: ContentMask, text: string, attribute: string): string {
  try {
    const masked: unknown = mask(text, { attribute });
    return typeof masked === 'string' ? masked : MASKED;
  } catch {
    return MASKED;
  }
}

/** The first `length` characters, with a marker that says how many are gone; never half a surrogate pair. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}… [${text.length - end} characters cut]`;
}

/**
 * JSON text of about `maxLength` characters that is still valid JSON of the same shape: the longest strings are cut to one
 * common length. Where the structure alone is too long, the older half of the outermost array goes, as often as it takes.
 */
export function cutJson(value: Json, maxLength: number): string {
  if (!Array.isArray(value)) return shorten(value, maxLength);
  for (let cut = 0; ; cut = Math.ceil((cut + value.length) / 2)) {
    const marker: Json[] = cut > 0 ? [{ type: 'text', content: `… [${cut} items cut]` }] : [];
    const text = shorten([...marker, ...value.slice(cut)], maxLength);
    if (text.length <= 2 * maxLength || cut >= value.length - 1) return text;
  }
}

function shorten(value: Json, maxLength: number): string {
  const lengths: number[] = [];
  visitStrings(value, (text) => lengths.push(text.length));
  const structure = JSON.stringify(value).length - lengths.reduce((sum, length) => sum + length, 0);
  return JSON.stringify(mapStrings(value, commonLength(lengths, maxLength - structure)));
}

/** The length to which strings are cut so that together they have `budget` characters: short ones stay whole. */
function commonLength(lengths: number[], budget: number): number {
  lengths.sort((a, b) => a - b);
  let left = Math.max(0, budget);
  for (const [index, length] of lengths.entries()) {
    const share = Math.floor(left / (lengths.length - index));
    if (length > share) return share;
    left -= length;
  }
  return Infinity;
}

function visitStrings(value: Json | undefined, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value);
  else if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) visitStrings(item, visit);
}

function mapStrings(value: Json | undefined, length: number): Json | undefined {
  if (typeof value === 'string') return cutText(value, length);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, length) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, length)]));
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
